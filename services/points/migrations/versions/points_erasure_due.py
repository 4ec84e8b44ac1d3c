"""Whom to erase: the request that all services take in."""

from alembic import op

from shared.migrations.forget import create_erasure_due

revision = "points_erasure_due"
down_revision = "points_timebank"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_erasure_due()


def downgrade() -> None:
    op.drop_table("erasure_due")
