"""The book, earning, exchange and redemption."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "points_0001"
down_revision = None
branch_labels = ("points",)
depends_on = None

# A transfer's entries come in one statement and sum to 0, so that no half of one can ever be in the book.
ENTRIES_BALANCE = """
CREATE FUNCTION entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added GROUP BY community_code, transfer_id HAVING sum(amount) <> 0 OR count(*) < 2
    ) THEN
        RAISE EXCEPTION 'the entries of a transfer must sum to 0' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
ON_ENTRY = """
CREATE TRIGGER entries_balance AFTER INSERT ON entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION entries_balance()
"""


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(kind = 'resident') = (floor IS NOT NULL)", name="ck_account_residents_have_floor"),
        sa.CheckConstraint("asset_class <> 'basic' OR kind IN ('issuer', 'resident')", name="ck_account_basic_stays"),
        sa.CheckConstraint("asset_class IN ('basic', 'service')", name="ck_account_class_known"),
        sa.CheckConstraint("(floor IS NULL) = (balance IS NULL)", name="ck_account_balance_where_floor"),
        sa.CheckConstraint("balance >= floor", name="ck_account_not_overdrawn"),
        sa.PrimaryKeyConstraint("community_code", "account_id", name="pk_account"),
        sa.UniqueConstraint("community_code", "account_id", "asset_class", name="uq_account_class"),
        sa.UniqueConstraint(
            "community_code", "asset_class", "owner", name="uq_account_community_code_asset_class_owner"
        ),
    )
    op.create_index("ix_account_owner", "account", ["owner"], unique=False)
    op.create_table(
        "community",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("community_code", name="pk_community"),
    )
    op.create_table(
        "corridor",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("to_community", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("discount_bp", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("agreed_by <> proposed_by", name="ck_corridor_two_persons"),
        sa.CheckConstraint("community_code <> to_community", name="ck_corridor_two_communities"),
        sa.CheckConstraint("discount_bp >= 0 AND discount_bp < 10000", name="ck_corridor_discount_within"),
        sa.PrimaryKeyConstraint("community_code", "to_community", "version", name="pk_corridor"),
    )
    op.create_table(
        "deed",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule_version", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "activity", "reference", name="pk_deed"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "earning_rule",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("per_quantity", sa.BigInteger(), nullable=False),
        sa.Column("points_max_per_deed", sa.BigInteger(), nullable=False),
        sa.Column("valid_months", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "points > 0 AND per_quantity > 0 AND points_max_per_deed > 0", name="ck_earning_rule_earns_something"
        ),
        sa.PrimaryKeyConstraint("community_code", "activity", "version", name="pk_earning_rule"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "merchant",
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("debarred_from", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", name="pk_merchant"),
    )
    op.create_table(
        "quote",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_community", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("discount_bp", sa.BigInteger(), nullable=False),
        sa.Column("corridor_version", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("price > 0 AND paid >= price", name="ck_quote_discount_never_gains"),
        sa.PrimaryKeyConstraint("community_code", "quote_id", name="pk_quote"),
    )
    op.create_index("ix_quote_resident", "quote", ["resident_id", "quote_id"], unique=False)
    op.create_table(
        "redemption",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("payer_community", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("discount_bp", sa.BigInteger(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price > 0 AND paid >= price", name="ck_redemption_discount_never_gains"),
        sa.PrimaryKeyConstraint("community_code", "redemption_id", name="pk_redemption"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_redemption_id", "redemption", ["redemption_id"], unique=False)
    op.create_index(
        "ix_redemption_merchant", "redemption", ["community_code", "merchant_id", "redemption_id"], unique=False
    )
    op.create_table(
        "transfer",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("asset_class <> 'basic' OR kind = 'earn'", name="ck_transfer_basic_stays"),
        sa.PrimaryKeyConstraint("community_code", "transfer_id", name="pk_transfer"),
        sa.UniqueConstraint("community_code", "kind", "reference", name="uq_transfer_community_code_kind_reference"),
        sa.UniqueConstraint("community_code", "transfer_id", "asset_class", name="uq_transfer_class"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "entry",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("leg", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount <> 0", name="ck_entry_moves_something"),
        sa.ForeignKeyConstraint(
            ["community_code", "account_id", "asset_class"],
            ["account.community_code", "account.account_id", "account.asset_class"],
            name="fk_entry_account",
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "transfer_id", "asset_class"],
            ["transfer.community_code", "transfer.transfer_id", "transfer.asset_class"],
            name="fk_entry_transfer",
        ),
        sa.PrimaryKeyConstraint("community_code", "transfer_id", "leg", name="pk_entry"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_entry_account", "entry", ["community_code", "account_id", "transfer_id"], unique=False)
    op.create_table(
        "lot",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("first_earned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("remaining >= 0 AND remaining <= earned", name="ck_lot_remaining_within"),
        sa.ForeignKeyConstraint(
            ["community_code", "account_id"], ["account.community_code", "account.account_id"], name="fk_lot_account"
        ),
        sa.PrimaryKeyConstraint("community_code", "lot_id", name="pk_lot"),
        sa.UniqueConstraint(
            "community_code",
            "account_id",
            "activity",
            "expires_on",
            name="uq_lot_community_code_account_id_activity_expires_on",
        ),
    )
    op.create_table(
        "lot_move",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name="ck_lot_move_moves_something"),
        sa.ForeignKeyConstraint(
            ["community_code", "lot_id"], ["lot.community_code", "lot.lot_id"], name="fk_lot_move_lot"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "transfer_id"],
            ["transfer.community_code", "transfer.transfer_id"],
            name="fk_lot_move_transfer",
        ),
        sa.PrimaryKeyConstraint("community_code", "transfer_id", "lot_id", name="pk_lot_move"),
        info={"grants": "SELECT, INSERT"},
    )
    op.execute(ENTRIES_BALANCE)
    op.execute(ON_ENTRY)


def downgrade() -> None:
    op.drop_table("lot_move")
    op.drop_table("lot")
    op.drop_index("ix_entry_account", table_name="entry")
    op.drop_table("entry")
    op.drop_table("transfer")
    op.drop_index("ix_redemption_merchant", table_name="redemption")
    op.drop_index("ix_redemption_id", table_name="redemption")
    op.drop_table("redemption")
    op.drop_index("ix_quote_resident", table_name="quote")
    op.drop_table("quote")
    op.drop_table("merchant")
    op.drop_table("earning_rule")
    op.drop_table("deed")
    op.drop_table("corridor")
    op.drop_table("community")
    op.drop_index("ix_account_owner", table_name="account")
    op.drop_table("account")
    op.execute("DROP FUNCTION entries_balance")
