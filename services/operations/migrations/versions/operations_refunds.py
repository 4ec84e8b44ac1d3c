"""Receivables of what merchants gave back: negative, beside those of what they took."""

import sqlalchemy as sa
from alembic import op

revision = "operations_refunds"
down_revision = "operations_work_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("receivable", sa.Column("refund_of", sa.Uuid(), nullable=True))
    op.drop_constraint("ck_receivable_points_are_positive", "receivable")
    op.create_check_constraint(
        "ck_receivable_refunds_are_negative", "receivable", "points <> 0 AND (refund_of IS NULL) = (points > 0)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM receivable WHERE points < 0")
    op.drop_constraint("ck_receivable_refunds_are_negative", "receivable")
    op.create_check_constraint("ck_receivable_points_are_positive", "receivable", "points > 0")
    op.drop_column("receivable", "refund_of")
