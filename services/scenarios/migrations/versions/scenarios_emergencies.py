"""Emergency plans, emergencies, their changes and tasks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_emergencies"
down_revision = "scenarios_assistance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "emergency_plan",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("takeover", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("essential", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("refuges", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("care", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("supplies", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("broadcast", sa.Text(), nullable=False),
        sa.Column("compensation", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_emergency_plan_approved")),
        sa.CheckConstraint("approved_by <> published_by", name=op.f("ck_emergency_plan_approved_by_another")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_emergency_plan_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_emergency_plan")),
    )
    op.create_index("ix_emergency_plan_id", "emergency_plan", ["id"], unique=False)
    op.create_table(
        "emergency",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("until > declared_at", name=op.f("ck_emergency_times")),
        sa.ForeignKeyConstraint(
            ["community_code", "plan_id"],
            ["emergency_plan.community_code", "emergency_plan.id"],
            name=op.f("fk_emergency_community_code_plan_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_emergency")),
    )
    op.create_index("ix_emergency_id", "emergency", ["id"], unique=False)
    op.create_index(
        "uq_emergency_in_force",
        "emergency",
        ["community_code", "plan_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "emergency_change",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("emergency_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("from_space_id", sa.Uuid(), nullable=False),
        sa.Column("to_space_id", sa.Uuid(), nullable=True),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("compensation", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("change IN ('moved', 'cancelled')", name=op.f("ck_emergency_change_change_known")),
        sa.ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["booking.community_code", "booking.id"],
            name=op.f("fk_emergency_change_community_code_booking_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "emergency_id"],
            ["emergency.community_code", "emergency.id"],
            name=op.f("fk_emergency_change_community_code_emergency_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "emergency_id", "booking_id", name=op.f("pk_emergency_change")),
    )
    op.create_table(
        "emergency_task",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("emergency_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('care-visit', 'supplies')", name=op.f("ck_emergency_task_kind_known")),
        sa.ForeignKeyConstraint(
            ["community_code", "emergency_id"],
            ["emergency.community_code", "emergency.id"],
            name=op.f("fk_emergency_task_community_code_emergency_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_emergency_task")),
    )
    op.create_index("ix_emergency_task_id", "emergency_task", ["id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_emergency_task_id", table_name="emergency_task")
    op.drop_table("emergency_task")
    op.drop_table("emergency_change")
    op.drop_index("uq_emergency_in_force", table_name="emergency", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_emergency_id", table_name="emergency")
    op.drop_table("emergency")
    op.drop_index("ix_emergency_plan_id", table_name="emergency_plan")
    op.drop_table("emergency_plan")
