"""Closures and function modes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_modes"
down_revision = "scenarios_motions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closure",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_closure_period")),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_closure_community_code_space_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_closure_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_closure")),
    )
    op.create_index("ix_closure_space", "closure", ["community_code", "space_id"], unique=False)
    op.create_table(
        "function_mode",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("on_holidays", sa.Boolean(), nullable=False),
        sa.Column("on_make_up_workdays", sa.Boolean(), nullable=False),
        sa.Column("starts_minute", sa.BigInteger(), nullable=False),
        sa.Column("ends_minute", sa.BigInteger(), nullable=False),
        sa.Column("change_over_minutes", sa.BigInteger(), nullable=False),
        sa.Column("compatible_with", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("bookable", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "0 <= starts_minute - change_over_minutes AND starts_minute < ends_minute AND ends_minute + change_over_minutes <= 1440 AND change_over_minutes >= 0",
            name=op.f("ck_function_mode_hours"),
        ),
        sa.CheckConstraint(
            "cardinality(weekdays) > 0 OR on_holidays OR on_make_up_workdays", name=op.f("ck_function_mode_days")
        ),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_function_mode_validity")),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_function_mode_community_code_space_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_function_mode_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_function_mode")),
    )
    op.create_index("ix_function_mode_space", "function_mode", ["community_code", "space_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_function_mode_space", table_name="function_mode")
    op.drop_table("function_mode")
    op.drop_index("ix_closure_space", table_name="closure")
    op.drop_table("closure")
