"""Folds of accounts that keep no balance."""

import sqlalchemy as sa
from alembic import op

revision = "points_fold"
down_revision = "points_holds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fold",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("leg", sa.SmallInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "account_id", "transfer_id", "leg", name="pk_fold"),
    )


def downgrade() -> None:
    op.drop_table("fold")
