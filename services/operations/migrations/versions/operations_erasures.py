"""Erasures: whom to erase, and the function that forgets a resident."""

from alembic import op

from shared.migrations.forget import create_erasure_due, create_forget_resident, drop_forget_resident

revision = "operations_erasures"
down_revision = "operations_refunds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_erasure_due()
    create_forget_resident("linli_operations")


def downgrade() -> None:
    drop_forget_resident()
    op.drop_table("erasure_due")
