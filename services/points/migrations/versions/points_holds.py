"""Holds, and what they pin in lots."""

import sqlalchemy as sa
from alembic import op

revision = "points_holds"
down_revision = "points_book"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_as", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("asset_class <> 'basic'", name=op.f("ck_hold_basic_stays")),
        sa.CheckConstraint("amount > 0 AND captured BETWEEN 0 AND amount", name=op.f("ck_hold_captured_within")),
        sa.CheckConstraint("closed_as IN ('captured', 'released', 'expired')", name=op.f("ck_hold_closed_known")),
        sa.CheckConstraint("(closed_as IS NULL) = (closed_at IS NULL)", name=op.f("ck_hold_closed_at_a_time")),
        sa.ForeignKeyConstraint(
            ["community_code", "account_id", "asset_class"],
            ["account.community_code", "account.account_id", "account.asset_class"],
            name="fk_hold_account",
        ),
        sa.PrimaryKeyConstraint("community_code", "reference", name="pk_hold"),
    )
    op.create_table(
        "hold_lot",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_hold_lot_pins_something")),
        sa.ForeignKeyConstraint(
            ["community_code", "reference"], ["hold.community_code", "hold.reference"], name="fk_hold_lot_hold"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "lot_id"], ["lot.community_code", "lot.lot_id"], name="fk_hold_lot_lot"
        ),
        sa.PrimaryKeyConstraint("community_code", "account_id", "lot_id", "reference", name="pk_hold_lot"),
    )


def downgrade() -> None:
    op.drop_table("hold_lot")
    op.drop_table("hold")
