"""Statements of merchants, and the keys by which they are approved."""

import sqlalchemy as sa
from alembic import op

revision = "points_settlements"
down_revision = "points_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merchant_statement",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("after_xid", sa.BigInteger(), nullable=False),
        sa.Column("up_to_xid", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("paid_by", sa.Text(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_reference", sa.Text(), nullable=True),
        sa.CheckConstraint("approved_by <> drafted_by", name="ck_merchant_statement_two_persons"),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (signature IS NULL)", name="ck_merchant_statement_approved_is_signed"
        ),
        sa.CheckConstraint(
            "paid_reference IS NULL OR approved_by IS NOT NULL", name="ck_merchant_statement_paid_when_approved"
        ),
        sa.PrimaryKeyConstraint("community_code", "merchant_id", "number", name="pk_merchant_statement"),
    )
    op.create_table(
        "approver_key",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("area", "version", name="pk_approver_key"),
    )


def downgrade() -> None:
    op.drop_table("approver_key")
    op.drop_table("merchant_statement")
