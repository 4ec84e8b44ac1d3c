"""Entries that name their lots, holds, reversals, what each class is for; one check of all entries of a statement.

It makes `entry` anew, which an old process cannot go on working with: nothing has been released yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "points_book"
down_revision = "points_seal"
branch_labels = None
depends_on = None

# The statement's entries are looked at together. What they are joined with is found by its key, however few rows the
# planner thought there would be when it planned this first.
ENTRIES_HOLD = """
CREATE OR REPLACE FUNCTION entries_balance() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added GROUP BY community_code, transfer_id HAVING sum(amount) <> 0 OR count(*) < 2
    ) THEN
        RAISE EXCEPTION 'the entries of a transfer must sum to 0' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM added e
        LEFT JOIN transfer t ON t.community_code = e.community_code AND t.transfer_id = e.transfer_id
        LEFT JOIN account a ON a.community_code = e.community_code AND a.account_id = e.account_id
        LEFT JOIN lot l ON l.community_code = e.community_code AND l.lot_id = e.lot_id
        WHERE (t.asset_class = e.asset_class AND a.asset_class = e.asset_class
               AND (a.kind = 'resident') = (e.lot_id IS NOT NULL) AND (e.lot_id IS NULL OR l.account_id = e.account_id)
              ) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'an entry belongs to a transfer, an account and a lot of one book' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM added e
        JOIN transfer t ON t.community_code = e.community_code AND t.transfer_id = e.transfer_id
        JOIN account a ON a.community_code = e.community_code AND a.account_id = e.account_id
        WHERE e.asset_class = 'basic' AND ((e.amount > 0) = (a.kind = 'resident')) = (t.kind = 'reverse')
    ) THEN
        RAISE EXCEPTION 'basic_stays: basic points are granted, and never move' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(original::text, 0)) FROM (
        SELECT DISTINCT t.reverses AS original FROM added e
        JOIN transfer t ON t.community_code = e.community_code AND t.transfer_id = e.transfer_id
        WHERE t.reverses IS NOT NULL ORDER BY 1
    ) AS reversed;
    IF FOUND AND EXISTS (
        SELECT FROM (
            SELECT DISTINCT t.community_code, t.reverses AS original FROM added e
            JOIN transfer t ON t.community_code = e.community_code AND t.transfer_id = e.transfer_id
            WHERE t.reverses IS NOT NULL
        ) AS r CROSS JOIN LATERAL (
            SELECT r.original AS transfer_id UNION ALL
            SELECT t.transfer_id FROM transfer t WHERE t.community_code = r.community_code AND t.reverses = r.original
        ) AS one
        JOIN entry e ON e.community_code = r.community_code AND e.transfer_id = one.transfer_id
        GROUP BY r.community_code, r.original, e.account_id, e.lot_id
        HAVING NOT sum(e.amount) BETWEEN
            least(0, sum(e.amount) FILTER (WHERE e.transfer_id = r.original)) AND
            greatest(0, sum(e.amount) FILTER (WHERE e.transfer_id = r.original))
    ) THEN
        RAISE EXCEPTION 'a reversal gives back no more than was moved, to where it came from'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
ENTRIES_BALANCE = """
CREATE OR REPLACE FUNCTION entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
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
# A debit that came out of several lots becomes an entry for each, with the balance after each.
SPLIT = """
INSERT INTO entry (community_code, account_id, transfer_id, leg, asset_class, lot_id, amount, balance_after)
SELECT community_code, account_id, transfer_id, row_number() OVER (PARTITION BY community_code, transfer_id ORDER BY leg, lot_id) - 1,
       asset_class, lot_id, part,
       balance_after - amount + sum(part) OVER (PARTITION BY community_code, transfer_id, leg ORDER BY lot_id)
FROM (
    SELECT e.*, m.lot_id, coalesce(m.amount, e.amount) AS part
    FROM entry_before e
    LEFT JOIN (lot_move m JOIN lot l USING (community_code, lot_id))
        ON e.balance_after IS NOT NULL AND m.community_code = e.community_code AND m.transfer_id = e.transfer_id
       AND l.account_id = e.account_id
) AS parts
"""
JOIN = """
INSERT INTO entry (community_code, account_id, transfer_id, leg, asset_class, amount, balance_after)
SELECT community_code, account_id, transfer_id, min(leg), asset_class, sum(amount),
       (array_agg(balance_after ORDER BY leg DESC))[1]
FROM entry_before GROUP BY community_code, account_id, transfer_id, asset_class
"""
# What moved in and out of lots, for who asks by lot.
LOT_MOVES = """
CREATE VIEW lot_move AS
SELECT community_code, transfer_id, lot_id, sum(amount)::bigint AS amount
FROM entry WHERE lot_id IS NOT NULL GROUP BY community_code, transfer_id, lot_id
"""


def upgrade() -> None:
    for name, rule in (
        ("class_known", "asset_class IN ('basic', 'service', 'hours')"),
        ("hours_for_hours", "asset_class <> 'hours' OR kind IN ('issuer', 'resident', 'pool')"),
    ):
        op.execute(f"ALTER TABLE account DROP CONSTRAINT IF EXISTS ck_account_{name}")
        op.create_check_constraint(op.f(f"ck_account_{name}"), "account", rule)
    op.execute("ALTER TABLE account SET (fillfactor = 70)")
    op.execute("ALTER TABLE lot SET (fillfactor = 70)")
    op.add_column("lot", sa.Column("issuer", sa.Text(), nullable=True))
    op.add_column("lot", sa.Column("parent_lot_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE lot SET issuer = community_code")
    op.alter_column("lot", "issuer", nullable=False)
    op.drop_constraint("uq_lot_community_code_account_id_activity_expires_on", "lot", type_="unique")
    op.create_index("ix_lot_account", "lot", ["community_code", "account_id"])
    op.create_index("ix_lot_expiry", "lot", ["community_code", "expires_on"])
    _change_transfers()
    _make_entries()
    op.execute(SPLIT)
    op.execute("DROP TABLE lot_move")
    op.execute("DROP TABLE entry_before")
    for name in ("uq_transfer_class", "uq_transfer_community_code_kind_reference", "pk_transfer"):
        op.drop_constraint(name, "transfer")
    op.create_primary_key("pk_transfer", "transfer", ["community_code", "kind", "reference"])
    op.create_index("ix_transfer_id", "transfer", ["transfer_id"])
    op.execute(LOT_MOVES)
    op.execute("GRANT SELECT ON lot_move TO linli_points")
    op.execute(ENTRIES_HOLD)
    op.execute(ON_ENTRY)
    _make_holds()


def _change_transfers() -> None:
    op.add_column("transfer", sa.Column("reverses", sa.Uuid(), nullable=True))
    op.add_column("transfer", sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("transfer", "posted_at")
    told = sa.Computed("uuid_extract_timestamp(transfer_id)", persisted=False)
    op.add_column("transfer", sa.Column("posted_at", sa.DateTime(timezone=True), told, nullable=False))
    op.drop_constraint(op.f("ck_transfer_basic_stays"), "transfer", type_="check")
    for name, rule in (
        ("basic_stays", "asset_class <> 'basic' OR kind IN ('earn', 'reverse')"),
        ("hours_for_hours", "asset_class <> 'hours' OR kind <> 'redeem'"),
        ("moves_something", "kind NOT IN ('hold', 'release')"),
        ("reverses_another", "(kind = 'reverse') = (reverses IS NOT NULL)"),
    ):
        op.create_check_constraint(op.f(f"ck_transfer_{name}"), "transfer", rule)
    op.create_index(
        "ix_transfer_reverses",
        "transfer",
        ["community_code", "reverses"],
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )


def _make_entries() -> None:
    op.execute("DROP TRIGGER entries_balance ON entry")
    op.rename_table("entry", "entry_before")
    op.execute("ALTER INDEX pk_entry RENAME TO pk_entry_before")
    op.execute("DROP INDEX ix_entry_account")
    op.create_table(
        "entry",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("leg", sa.SmallInteger(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_entry_moves_something")),
        sa.CheckConstraint("(lot_id IS NULL) = (balance_after IS NULL)", name=op.f("ck_entry_lot_where_balance")),
        sa.PrimaryKeyConstraint("community_code", "account_id", "transfer_id", "leg", name="pk_entry"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_entry_transfer", "entry", ["transfer_id"])


def _make_holds() -> None:
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
    op.execute("DROP VIEW lot_move")
    op.drop_index("ix_transfer_id", table_name="transfer")
    op.drop_constraint("pk_transfer", "transfer", type_="primary")
    op.create_primary_key("pk_transfer", "transfer", ["community_code", "transfer_id"])
    op.create_unique_constraint("uq_transfer_class", "transfer", ["community_code", "transfer_id", "asset_class"])
    op.create_unique_constraint(
        "uq_transfer_community_code_kind_reference", "transfer", ["community_code", "kind", "reference"]
    )
    op.execute("DROP TRIGGER entries_balance ON entry")
    op.rename_table("entry", "entry_before")
    op.execute("ALTER INDEX pk_entry RENAME TO pk_entry_before")
    op.create_table(
        "entry",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("leg", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_entry_moves_something_")),
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
    )
    op.create_index("ix_entry_account", "entry", ["community_code", "account_id", "transfer_id"])
    op.create_table(
        "lot_move",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_lot_move_moves_something")),
        sa.ForeignKeyConstraint(
            ["community_code", "lot_id"], ["lot.community_code", "lot.lot_id"], name="fk_lot_move_lot"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "transfer_id"],
            ["transfer.community_code", "transfer.transfer_id"],
            name="fk_lot_move_transfer",
        ),
        sa.PrimaryKeyConstraint("community_code", "transfer_id", "lot_id", name="pk_lot_move"),
    )
    op.execute(JOIN)
    op.execute(
        "INSERT INTO lot_move SELECT community_code, transfer_id, lot_id, sum(amount) FROM entry_before"
        " WHERE lot_id IS NOT NULL GROUP BY 1, 2, 3 HAVING sum(amount) <> 0"
    )
    op.execute("DROP TABLE entry_before")
    op.execute("ALTER TABLE entry RENAME CONSTRAINT ck_entry_moves_something_ TO ck_entry_moves_something")
    op.execute(ENTRIES_BALANCE)
    op.execute("ALTER FUNCTION entries_balance RESET ALL")
    op.execute(ON_ENTRY)
    for name in ("reverses_another", "moves_something", "hours_for_hours", "basic_stays"):
        op.drop_constraint(op.f(f"ck_transfer_{name}"), "transfer", type_="check")
    op.create_check_constraint(op.f("ck_transfer_basic_stays"), "transfer", "asset_class <> 'basic' OR kind = 'earn'")
    op.drop_index("ix_transfer_reverses", table_name="transfer")
    op.drop_column("transfer", "posted_at")
    op.add_column(
        "transfer", sa.Column("posted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.execute("UPDATE transfer SET posted_at = uuid_extract_timestamp(transfer_id)")
    op.drop_column("transfer", "occurred_at")
    op.drop_column("transfer", "reverses")
    op.drop_index("ix_lot_expiry", table_name="lot")
    op.drop_index("ix_lot_account", table_name="lot")
    op.create_unique_constraint(
        "uq_lot_community_code_account_id_activity_expires_on",
        "lot",
        ["community_code", "account_id", "activity", "expires_on"],
    )
    op.drop_column("lot", "parent_lot_id")
    op.drop_column("lot", "issuer")
    op.execute("ALTER TABLE lot RESET (fillfactor)")
    op.execute("ALTER TABLE account RESET (fillfactor)")
    op.drop_constraint(op.f("ck_account_hours_for_hours"), "account", type_="check")
    op.drop_constraint(op.f("ck_account_class_known"), "account", type_="check")
    op.create_check_constraint(op.f("ck_account_class_known"), "account", "asset_class IN ('basic', 'service')")
