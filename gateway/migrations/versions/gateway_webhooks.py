"""Deliveries of webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "gateway_webhooks"
down_revision = "gateway_seals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.BigInteger(), nullable=True),
        sa.Column("last_fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("subscription", "event_id", name="uq_delivery_subscription_event_id"),
    )
    op.create_index("ix_delivery_due_at", "delivery", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
    op.create_index("ix_delivery_created_at", "delivery", ["created_at"])


def downgrade() -> None:
    op.drop_table("delivery")
