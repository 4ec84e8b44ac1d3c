"""Payments at tills, the codes that were used, and merchants' catalogues."""

import sqlalchemy as sa
from alembic import op

revision = "points_payments"
down_revision = "points_honours"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("payer_community", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("discount_bp", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="authorised", nullable=False),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("authorised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redemption_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("price > 0 AND paid >= price", name="ck_payment_discount_never_gains"),
        sa.CheckConstraint("captured BETWEEN 0 AND price", name="ck_payment_captured_within"),
        sa.CheckConstraint("refunded BETWEEN 0 AND captured", name="ck_payment_refunded_within"),
        sa.CheckConstraint("state IN ('authorised', 'captured', 'voided')", name="ck_payment_state_known"),
        sa.CheckConstraint("(state = 'captured') = (captured > 0)", name="ck_payment_captured_some"),
        sa.PrimaryKeyConstraint("community_code", "payment_id", name="pk_payment"),
    )
    op.create_index("ix_payment_id", "payment", ["payment_id"])
    op.create_index(
        "ix_payment_open",
        "payment",
        ["payer_community", "expires_at"],
        postgresql_where=sa.text("state = 'authorised'"),
    )
    op.create_table(
        "used_code",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "code_id", name="pk_used_code"),
    )
    op.create_table(
        "catalogue_item",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("worth", sa.BigInteger(), nullable=False),
        sa.Column("share_bp", sa.BigInteger(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.CheckConstraint("worth > 0 AND share_bp BETWEEN 0 AND 10000", name="ck_catalogue_item_share_of_worth"),
        sa.PrimaryKeyConstraint("community_code", "merchant_id", "item", name="pk_catalogue_item"),
    )


def downgrade() -> None:
    for table in ("catalogue_item", "used_code", "payment"):
        op.drop_table(table)
