"""An index for reading transfers in the order of their commits, of a few bytes for each megabyte of them."""

from alembic import op

revision = "points_commit_order_index"
down_revision = "points_commit_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_transfer_xid", "transfer", ["xid"], postgresql_using="brin", postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index("ix_transfer_xid", table_name="transfer")
