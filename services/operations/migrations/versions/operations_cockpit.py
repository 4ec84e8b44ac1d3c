"""The street cockpit."""

import sqlalchemy as sa
from alembic import op

revision = "operations_cockpit"
down_revision = "operations_acceptance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cockpit_day",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count > 0 AND amount > 0", name="ck_cockpit_day_something_happened"),
        sa.PrimaryKeyConstraint("community_code", "day", "measure", name="pk_cockpit_day"),
    )
    op.create_table(
        "cockpit_record",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_cockpit_record_amount_is_positive"),
        sa.PrimaryKeyConstraint("community_code", "measure", "source_id", name="pk_cockpit_record"),
    )
    op.create_index(
        "ix_cockpit_record_drill", "cockpit_record", ["community_code", "measure", "day", "source_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_cockpit_record_drill", table_name="cockpit_record")
    op.drop_table("cockpit_record")
    op.drop_table("cockpit_day")
