"""Time bank: what was posted of visits, and who inherits hours."""

import sqlalchemy as sa
from alembic import op

revision = "points_timebank"
down_revision = "points_liability"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "help_posting",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("quarters", sa.BigInteger(), nullable=False),
        sa.Column("taken_back", sa.BigInteger(), nullable=False),
        sa.Column("donated", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("donated BETWEEN 0 AND quarters - taken_back", name=op.f("ck_help_posting_donated")),
        sa.CheckConstraint("giver_id IS DISTINCT FROM payer_id", name=op.f("ck_help_posting_two_persons")),
        sa.CheckConstraint(
            "quarters > 0 AND taken_back BETWEEN 0 AND quarters", name=op.f("ck_help_posting_taken_back")
        ),
        sa.PrimaryKeyConstraint("community_code", "visit_id", "revision", name=op.f("pk_help_posting")),
    )
    op.create_table(
        "hours_legacy",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("heir_bond_id", sa.Uuid(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("reported_by", sa.Text(), nullable=True),
        sa.Column("reported_at", TIME, nullable=True),
        sa.Column("executed_by", sa.Text(), nullable=True),
        sa.Column("executed_at", TIME, nullable=True),
        sa.Column("quarters", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "executed_at IS NULL OR reported_at IS NOT NULL", name=op.f("ck_hours_legacy_reported_first")
        ),
        sa.CheckConstraint("executed_by <> reported_by", name=op.f("ck_hours_legacy_two_persons")),
        sa.CheckConstraint(
            "num_nulls(document, reported_by, reported_at) IN (0, 3)", name=op.f("ck_hours_legacy_a_report_is_whole")
        ),
        sa.CheckConstraint(
            "num_nulls(executed_by, executed_at, quarters) IN (0, 3)",
            name=op.f("ck_hours_legacy_an_execution_is_whole"),
        ),
        sa.PrimaryKeyConstraint("community_code", "resident_id", name=op.f("pk_hours_legacy")),
    )
    op.create_index("ix_hours_legacy_resident_id", "hours_legacy", ["resident_id"])


def downgrade() -> None:
    op.drop_table("hours_legacy")
    op.drop_table("help_posting")
