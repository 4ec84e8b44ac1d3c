"""Disputes, and how they were decided."""

import sqlalchemy as sa
from alembic import op

revision = "points_disputes"
down_revision = "points_vouchers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispute",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("frozen", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed", sa.BigInteger(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint("frozen >= 0", name="ck_dispute_freezes_no_less_than_nothing"),
        sa.CheckConstraint("decided_by <> opened_by", name="ck_dispute_two_persons"),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (reversed IS NULL)",
            name="ck_dispute_decided",
        ),
        sa.PrimaryKeyConstraint("community_code", "dispute_id", name="pk_dispute"),
    )
    op.create_index(
        "uq_dispute_open",
        "dispute",
        ["community_code", "kind", "reference"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index("ix_dispute_id", "dispute", ["dispute_id"])


def downgrade() -> None:
    op.drop_table("dispute")
