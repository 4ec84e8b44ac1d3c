"""Purchases and traces of attendance."""

import sqlalchemy as sa
from alembic import op

revision = "operations_anomalies"
down_revision = "operations_subsidies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendance_trace",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "attendance_id", name="pk_attendance_trace"),
    )
    op.create_index("ix_attendance_trace_came_at", "attendance_trace", ["community_code", "came_at"], unique=False)
    op.create_table(
        "purchase",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("invoice_number", sa.Text(), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="ck_purchase_amount_is_positive"),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_purchase"),
    )


def downgrade() -> None:
    op.drop_table("purchase")
    op.drop_index("ix_attendance_trace_came_at", table_name="attendance_trace")
    op.drop_table("attendance_trace")
