"""Facility check-ups and remedies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_checkups"
down_revision = "operations_statements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkup_scheme",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("subclasses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adopted_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_checkup_scheme"),
    )
    op.create_table(
        "checkup",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("surveyed", sa.BigInteger(), nullable=False),
        sa.Column("ranked", sa.BigInteger(), nullable=False),
        sa.Column("listed", sa.BigInteger(), nullable=False),
        sa.Column("cutoff_bp", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evaluated_by", sa.Text(), nullable=False),
        sa.CheckConstraint("listed <= ranked AND listed >= 0", name="ck_checkup_listed_are_ranked"),
        sa.ForeignKeyConstraint(["scheme"], ["checkup_scheme.code"], name="fk_checkup_scheme"),
        sa.PrimaryKeyConstraint("id", name="pk_checkup"),
    )
    op.create_table(
        "facility_survey",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("found", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("surveyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("surveyed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("households > 0", name="ck_facility_survey_households_are_positive"),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community_reference.code"], name="fk_facility_survey_community_code"
        ),
        sa.PrimaryKeyConstraint("community_code", "year", "id", name="pk_facility_survey"),
    )
    op.create_table(
        "checkup_result",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("checkup_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("index_bp", sa.BigInteger(), nullable=True),
        sa.Column("known_bp", sa.BigInteger(), nullable=False),
        sa.Column("missing", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("low_use", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("NOT listed OR index_bp IS NOT NULL", name="ck_checkup_result_listed_are_ranked"),
        sa.CheckConstraint("index_bp BETWEEN 0 AND 10000", name="ck_checkup_result_index_is_a_share"),
        sa.ForeignKeyConstraint(["checkup_id"], ["checkup.id"], name="fk_checkup_result_checkup_id"),
        sa.PrimaryKeyConstraint("community_code", "checkup_id", name="pk_checkup_result"),
    )
    op.create_index(
        "ix_checkup_result_checkup", "checkup_result", ["checkup_id", "listed", "community_code"], unique=False
    )
    op.create_table(
        "remedy_step",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("checkup_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('planned', 'done', 'fixed', 'not_fixed')", name="ck_remedy_step_state_is_known"),
        sa.CheckConstraint("number > 0", name="ck_remedy_step_number_counts_from_1"),
        sa.ForeignKeyConstraint(
            ["community_code", "checkup_id"],
            ["checkup_result.community_code", "checkup_result.checkup_id"],
            name="fk_remedy_step_community_code_checkup_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "checkup_id", "number", name="pk_remedy_step"),
    )


def downgrade() -> None:
    op.drop_table("remedy_step")
    op.drop_index("ix_checkup_result_checkup", table_name="checkup_result")
    op.drop_table("checkup_result")
    op.drop_table("facility_survey")
    op.drop_table("checkup")
    op.drop_table("checkup_scheme")
