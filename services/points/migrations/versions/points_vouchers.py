"""Vouchers on paper, and what tills reported of them."""

import sqlalchemy as sa
from alembic import op

revision = "points_vouchers"
down_revision = "points_assistance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voucher",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redemption_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("points > 0", name="ck_voucher_worth_something"),
        sa.CheckConstraint("issued_at < expires_at AND issued_at < closes_at", name="ck_voucher_ends_after"),
        sa.CheckConstraint("redemption_id IS NULL OR closed_at IS NOT NULL", name="ck_voucher_paid_is_closed"),
        sa.PrimaryKeyConstraint("community_code", "voucher_id", name="pk_voucher"),
        sa.UniqueConstraint("community_code", "number", name="uq_voucher_number"),
    )
    op.create_index("ix_voucher_id", "voucher", ["voucher_id"])
    op.create_index("ix_voucher_resident", "voucher", ["resident_id", "issued_at"])
    op.create_index("ix_voucher_open", "voucher", ["closes_at"], postgresql_where=sa.text("closed_at IS NULL"))
    op.create_table(
        "voucher_presentation",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("presentation_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("voucher_community", sa.Text(), nullable=True),
        sa.Column("voucher_id", sa.Uuid(), nullable=True),
        sa.Column("presented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('paid', 'refused', 'waiting')", name="ck_voucher_presentation_state_known"),
        sa.CheckConstraint("(state = 'paid') = (reason IS NULL)", name="ck_voucher_presentation_unpaid_for_a_reason"),
        sa.PrimaryKeyConstraint("community_code", "merchant_id", "presentation_id", name="pk_voucher_presentation"),
    )
    op.create_index("ix_voucher_presentation_voucher", "voucher_presentation", ["voucher_community", "voucher_id"])
    op.create_index(
        "ix_voucher_presentation_waiting",
        "voucher_presentation",
        ["decided_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("voucher_presentation")
    op.drop_table("voucher")
