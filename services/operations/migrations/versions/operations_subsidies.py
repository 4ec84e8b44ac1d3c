"""Subsidies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_subsidies"
down_revision = "operations_barter"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subsidy",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("rewards", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="ck_subsidy_amount_is_positive"),
        sa.ForeignKeyConstraint(
            ["community_code", "project_id"],
            ["project.community_code", "project.id"],
            name="fk_subsidy_community_code_project_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_subsidy"),
    )
    op.create_index("ix_subsidy_id", "subsidy", ["id"], unique=False)
    op.create_table(
        "subsidy_clawback",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("subsidy_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "ground IN ('milestone_untrue', 'project_abandoned', 'misused', 'overpaid')",
            name="ck_subsidy_clawback_ground_is_known",
        ),
        sa.CheckConstraint("amount_fen > 0", name="ck_subsidy_clawback_amount_is_positive"),
        sa.ForeignKeyConstraint(
            ["community_code", "subsidy_id"],
            ["subsidy.community_code", "subsidy.id"],
            name="fk_subsidy_clawback_community_code_subsidy_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_subsidy_clawback"),
    )
    op.create_table(
        "subsidy_payment",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("subsidy_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.SmallInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="ck_subsidy_payment_amount_is_positive"),
        sa.ForeignKeyConstraint(
            ["community_code", "subsidy_id"],
            ["subsidy.community_code", "subsidy.id"],
            name="fk_subsidy_payment_community_code_subsidy_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "subsidy_id", "no", name="pk_subsidy_payment"),
    )
    op.create_table(
        "subsidy_tranche",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("subsidy_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.SmallInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "milestone IN ('applying', 'creating', 'accepting')", name="ck_subsidy_tranche_milestone_is_a_stage"
        ),
        sa.CheckConstraint("amount_fen > 0", name="ck_subsidy_tranche_amount_is_positive"),
        sa.ForeignKeyConstraint(
            ["community_code", "subsidy_id"],
            ["subsidy.community_code", "subsidy.id"],
            name="fk_subsidy_tranche_community_code_subsidy_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "subsidy_id", "no", name="pk_subsidy_tranche"),
    )


def downgrade() -> None:
    op.drop_table("subsidy_tranche")
    op.drop_table("subsidy_payment")
    op.drop_table("subsidy_clawback")
    op.drop_index("ix_subsidy_id", table_name="subsidy")
    op.drop_table("subsidy")
