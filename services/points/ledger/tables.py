"""The book: accounts, transfers, entries, lots and holds; and what was refused.

A book belongs to one community and one class. Each invariant that one row can show is a constraint here; that the
entries of a transfer sum to 0 is held by a trigger of the migration.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
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
        CheckConstraint("asset_class IN ('basic', 'service', 'hours')", name="class_known"),
        CheckConstraint("asset_class <> 'basic' OR kind IN ('issuer', 'resident')", name="basic_stays"),
        CheckConstraint("asset_class <> 'hours' OR kind IN ('issuer', 'resident', 'pool')", name="hours_for_hours"),
        CheckConstraint("balance >= floor", name="not_overdrawn"),
        CheckConstraint("(kind = 'resident') = (floor IS NOT NULL)", name="residents_have_floor"),
        CheckConstraint("(floor IS NULL) = (balance IS NULL)", name="balance_where_floor"),
        {"info": {"grants": "SELECT, INSERT, UPDATE (balance)"}, "postgresql_with": {"fillfactor": 70}},
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

    `posted_at` is told by the id, which is made under the locks: the ids of an account's transfers are in the order in
    which they were posted. `xid` is the transaction's id. Below the oldest that is still under way nothing is added any
    more, so there the order of `xid`, and then of ids, is final.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint("asset_class <> 'basic' OR kind IN ('earn', 'reverse')", name="basic_stays"),
        CheckConstraint("asset_class <> 'hours' OR kind NOT IN ('redeem', 'settle')", name="hours_for_hours"),
        CheckConstraint("kind NOT IN ('hold', 'release')", name="moves_something"),
        CheckConstraint("(kind = 'reverse') = (reverses IS NOT NULL)", name="reverses_another"),
        Index("ix_transfer_id", "transfer_id"),
        Index("ix_transfer_reverses", "community_code", "reverses", postgresql_where=text("reverses IS NOT NULL")),
        Index("ix_transfer_xid", "xid", postgresql_using="brin"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    transfer_id: Mapped[uuid.UUID] = mapped_column(server_default=text("uuidv7()"))
    asset_class: Mapped[str]
    xid: Mapped[int] = mapped_column(server_default=_XID)
    reverses: Mapped[uuid.UUID | None]
    occurred_at: Mapped[datetime | None]
    posted_at: Mapped[datetime] = mapped_column(Computed("uuid_extract_timestamp(transfer_id)", persisted=False))


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
    """What a transfer does to one account, and to one lot of it: positive is credit, negative debit.

    A resident's entries name their lots, one for each. That they belong together, and what each class is for, a trigger
    holds for all entries of a statement at once: a foreign key would look at each by itself.
    """

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="moves_something"),
        CheckConstraint("(lot_id IS NULL) = (balance_after IS NULL)", name="lot_where_balance"),
        Index("ix_entry_transfer", "transfer_id"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    transfer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    leg: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    asset_class: Mapped[str]
    lot_id: Mapped[uuid.UUID | None]
    amount: Mapped[int]
    balance_after: Mapped[int | None]


class Lot(Base):
    """Points of one account that were earned by one activity and expire together, at a month's end.

    Nobody changes what it is: the service may only change how much is in it. `issuer` is the community that granted the
    points; `parent_lot_id` the lot that the first of them came out of, if they were moved here. Where each later point
    came from, the entries of its transfer say.
    """

    __tablename__ = "lot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "account_id"], ["account.community_code", "account.account_id"], name="fk_lot_account"
        ),
        Index("ix_lot_account", "community_code", "account_id"),
        Index("ix_lot_expiry", "community_code", "expires_on"),
        CheckConstraint("remaining >= 0 AND remaining <= earned", name="remaining_within"),
        {"info": {"grants": "SELECT, INSERT, UPDATE (earned, remaining)"}, "postgresql_with": {"fillfactor": 70}},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    lot_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    account_id: Mapped[uuid.UUID]
    issuer: Mapped[str]
    activity: Mapped[str]
    first_earned_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_on: Mapped[date]
    parent_lot_id: Mapped[uuid.UUID | None]
    earned: Mapped[int]
    remaining: Mapped[int]


class Hold(Base):
    """Points that are kept for a purchase to come, until it is captured, released, or over."""

    __tablename__ = "hold"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "account_id", "asset_class"],
            ["account.community_code", "account.account_id", "account.asset_class"],
            name="fk_hold_account",
        ),
        CheckConstraint("asset_class <> 'basic'", name="basic_stays"),
        CheckConstraint("amount > 0 AND captured BETWEEN 0 AND amount", name="captured_within"),
        CheckConstraint("closed_as IN ('captured', 'released', 'expired')", name="closed_known"),
        CheckConstraint("(closed_as IS NULL) = (closed_at IS NULL)", name="closed_at_a_time"),
        {"info": {"grants": "SELECT, INSERT, UPDATE (captured, closed_as, closed_at)"}},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID]
    asset_class: Mapped[str]
    amount: Mapped[int]
    captured: Mapped[int] = mapped_column(server_default="0")
    expires_at: Mapped[datetime]
    placed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_as: Mapped[str | None]
    closed_at: Mapped[datetime | None]


class HoldCommand(Base):
    """That a hold was placed, or released: what was accepted and moves nothing, for the chain."""

    __tablename__ = "hold_command"
    __table_args__ = (
        CheckConstraint("kind IN ('hold', 'release')", name="kind_known"),
        CheckConstraint("(kind = 'hold') = (amount > 0 AND expires_at IS NOT NULL)", name="hold_has_its_terms"),
        Index("ix_hold_command_xid", "xid", postgresql_using="brin"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    command_id: Mapped[uuid.UUID] = mapped_column(server_default=text("uuidv7()"))
    xid: Mapped[int] = mapped_column(server_default=_XID)
    account_id: Mapped[uuid.UUID]
    asset_class: Mapped[str]
    amount: Mapped[int]
    expires_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())


class HoldLot(Base):
    """What an open hold pins in a lot. It is there only while the hold is open, so that these are few."""

    __tablename__ = "hold_lot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "reference"], ["hold.community_code", "hold.reference"], name="fk_hold_lot_hold"
        ),
        ForeignKeyConstraint(
            ["community_code", "lot_id"], ["lot.community_code", "lot.lot_id"], name="fk_hold_lot_lot"
        ),
        CheckConstraint("amount > 0", name="pins_something"),
        {"info": {"grants": "SELECT, INSERT, DELETE"}},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
    amount: Mapped[int]
