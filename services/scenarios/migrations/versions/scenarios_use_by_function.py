"""A month's use, by what the space served as."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_use_by_function"
down_revision = "scenarios_missed_seats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "utilisation_month",
        sa.Column("by_function", postgresql.JSONB(), server_default="[]", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("utilisation_month", "by_function")
