"""What stands behind points, as operations tells."""

import sqlalchemy as sa
from alembic import op

revision = "points_liability"
down_revision = "points_disputes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "funding",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("funded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points >= 0", name="ck_funding_not_below_nothing"),
        sa.PrimaryKeyConstraint("community_code", name="pk_funding"),
    )


def downgrade() -> None:
    op.drop_table("funding")
