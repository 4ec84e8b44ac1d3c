"""Debarments of a merchant by their scope, so that the end of one leaves the others.

Of those that hold already only the first is known, and not its area: it ends when one for everywhere does.
"""

import sqlalchemy as sa
from alembic import op

revision = "points_debarments"
down_revision = "points_crossings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "debarred_merchant",
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("debarred_from", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "area", name="pk_debarred_merchant"),
    )
    op.execute("""
        INSERT INTO debarred_merchant (merchant_id, area, debarred_from)
        SELECT merchant_id, '', debarred_from FROM merchant WHERE debarred_from IS NOT NULL
    """)


def downgrade() -> None:
    op.drop_table("debarred_merchant")
