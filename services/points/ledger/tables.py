"""The book: accounts, transfers, entries, lots and their moves; and what was refused.

A book belongs to one community and one class. Each invariant that one row can show is a constraint here; that the
entries of a transfer sum to 0 is held by a trigger of the migration.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY

_XID = text("pg_current_xact_id()::text::bigint")


class Account(Base):
    """An account of one owner in one community's book of one class.

    Accounts that can refuse (`floor` is set) keep a balance and are locked by a transfer; the others only take
    entries, so that a busy merchant is no queue, and their balance is the sum of these.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("community_code", "asset_class", "owner"),
        UniqueConstraint("community_code", "account_id", "asset_class", name="uq_account_class"),
        Index("ix_account_owner", "owner"),
        CheckConstraint("asset_class IN ('basic', 'service')", name="class_known"),
        CheckConstraint("asset_class <> 'basic' OR kind IN ('issuer', 'resident')", name="basic_stays"),
        CheckConstraint("balance >= floor", name="not_overdrawn"),
        CheckConstraint("(kind = 'resident') = (floor IS NOT NULL)", name="residents_have_floor"),
        CheckConstraint("(floor IS NULL) = (balance IS NULL)", name="balance_where_floor"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    asset_class: Mapped[str]
    kind: Mapped[str]
    owner: Mapped[str]
    floor: Mapped[int | None]
    balance: Mapped[int | None]
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Transfer(Base):
    """A movement of points in one book; what belongs together shares its reference.

    `xid` is the transaction's id. Below the oldest that is still under way nothing is added any more, so there the
    order of `xid`, and then of ids, is final.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        UniqueConstraint("community_code", "kind", "reference"),
        CheckConstraint("asset_class <> 'basic' OR kind = 'earn'", name="basic_stays"),
        UniqueConstraint("community_code", "transfer_id", "asset_class", name="uq_transfer_class"),
        Index("ix_transfer_xid", "xid", postgresql_using="brin"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    transfer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    asset_class: Mapped[str]
    kind: Mapped[str]
    reference: Mapped[str]
    xid: Mapped[int] = mapped_column(server_default=_XID)
    posted_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Refused(Base):
    """A command for one book that was refused: what was asked, and why it was not done."""

    __tablename__ = "refusal"
    __table_args__ = (Index("ix_refusal_xid", "xid", postgresql_using="brin"), {"info": APPEND_ONLY})

    community_code: Mapped[str] = mapped_column(primary_key=True)
    refusal_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    xid: Mapped[int] = mapped_column(server_default=_XID)
    asset_class: Mapped[str]
    kind: Mapped[str]
    reference: Mapped[str]
    asked: Mapped[dict[str, Any]]
    reason: Mapped[str]
    facts: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Entry(Base):
    """What a transfer does to one account: positive is credit, negative debit."""

    __tablename__ = "entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "transfer_id", "asset_class"],
            ["transfer.community_code", "transfer.transfer_id", "transfer.asset_class"],
            name="fk_entry_transfer",
        ),
        ForeignKeyConstraint(
            ["community_code", "account_id", "asset_class"],
            ["account.community_code", "account.account_id", "account.asset_class"],
            name="fk_entry_account",
        ),
        CheckConstraint("amount <> 0", name="moves_something"),
        Index("ix_entry_account", "community_code", "account_id", "transfer_id"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    transfer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    leg: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    account_id: Mapped[uuid.UUID]
    asset_class: Mapped[str]
    amount: Mapped[int]
    balance_after: Mapped[int | None]


class Lot(Base):
    """Points of one account that were earned by one activity and expire together, at a month's end."""

    __tablename__ = "lot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "account_id"], ["account.community_code", "account.account_id"], name="fk_lot_account"
        ),
        UniqueConstraint("community_code", "account_id", "activity", "expires_on"),
        CheckConstraint("remaining >= 0 AND remaining <= earned", name="remaining_within"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    lot_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    account_id: Mapped[uuid.UUID]
    activity: Mapped[str]
    first_earned_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_on: Mapped[date]
    earned: Mapped[int]
    remaining: Mapped[int]


class LotMove(Base):
    """What a transfer put into a lot, or took out of it."""

    __tablename__ = "lot_move"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "transfer_id"],
            ["transfer.community_code", "transfer.transfer_id"],
            name="fk_lot_move_transfer",
        ),
        ForeignKeyConstraint(
            ["community_code", "lot_id"], ["lot.community_code", "lot.lot_id"], name="fk_lot_move_lot"
        ),
        CheckConstraint("amount <> 0", name="moves_something"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    transfer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    amount: Mapped[int]
