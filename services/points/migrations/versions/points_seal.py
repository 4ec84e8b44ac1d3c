"""Seals of the books' windows."""

import sqlalchemy as sa
from alembic import op

revision = "points_seal"
down_revision = "points_netting"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seal",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("below_xid", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("up_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0 AND first > 0 AND count > 0", name="ck_seal_counts_from_1"),
        sa.CheckConstraint(
            "length(previous) = 32 AND length(head) = 32 AND length(root) = 32", name="ck_seal_hashes_whole"
        ),
        sa.PrimaryKeyConstraint("community_code", "number", name="pk_seal"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_seal_below_xid", "seal", ["below_xid"])


def downgrade() -> None:
    op.drop_table("seal")
