"""Deeds that wait to be verified, tiers of honour, and notices of expiry."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "points_honours"
down_revision = "points_deeds_by_resident"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending_deed",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule_version", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint("verified_by <> registered_by", name="ck_pending_deed_two_persons"),
        sa.CheckConstraint("(verified_by IS NULL) = (accepted IS NULL)", name="ck_pending_deed_decided"),
        sa.PrimaryKeyConstraint("community_code", "activity", "reference", name="pk_pending_deed"),
    )
    op.create_index("ix_pending_deed_resident", "pending_deed", ["resident_id"])
    op.create_table(
        "tier_scheme",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=True),
        sa.Column("tiers", postgresql.JSONB(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("area", "version", name="pk_tier_scheme"),
    )
    op.create_table(
        "expiry_notice",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("days_before", sa.SmallInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "account_id", "expires_on", "days_before", name="pk_expiry_notice"),
    )
    op.add_column("earning_rule", sa.Column("needs_verification", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("earning_rule", "needs_verification")
    for table in ("expiry_notice", "tier_scheme", "pending_deed"):
        op.drop_table(table)
