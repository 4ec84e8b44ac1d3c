"""The fund's book: accounts whose balances only a transfer moves, and the payments that ask for one.

A transfer has one amount and two sides, so it cannot be lopsided; a trigger that the service's role cannot go around
moves both balances, and at commit a constraint trigger refuses accounts of a community that do not sum to 0
(migration `operations_fund`). `@outside` is where money comes from and goes to; no other account goes below 0.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.communities.tables import Community
from shared.database import APPEND_ONLY


class Fund(Base):
    """A community's fund: what a point is worth to a merchant, and who approves how much."""

    __tablename__ = "fund"
    __table_args__ = (CheckConstraint("fen_per_point > 0", name="fen_per_point_is_positive"),)

    community_code: Mapped[str] = mapped_column(ForeignKey(Community.community_code), primary_key=True)
    fen_per_point: Mapped[int]
    approval_tiers: Mapped[list[Any]] = mapped_column(JSONB)
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]


class FundAccount(Base):
    """A pot 专款 with the purposes it may serve, what is owed to a payee, or the world outside."""

    __tablename__ = "fund_account"
    __table_args__ = (
        CheckConstraint("kind IN ('pot', 'payable', 'outside')", name="kind_is_known"),
        CheckConstraint("balance_fen >= 0 OR kind = 'outside'", name="is_not_overdrawn"),
        CheckConstraint("(kind = 'outside') = (code = '@outside')", name="outside_is_one"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(ForeignKey(Fund.community_code), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    purposes: Mapped[list[Any]] = mapped_column(JSONB)
    balance_fen: Mapped[int] = mapped_column(server_default=text("0"))


class FundTransfer(Base):
    """Money from one account to another; `reference` names its cause, which moves money once."""

    __tablename__ = "fund_transfer"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_is_positive"),
        CheckConstraint("from_account <> to_account", name="sides_differ"),
        ForeignKeyConstraint(
            ["community_code", "from_account"], [FundAccount.community_code, FundAccount.code], name="fk_from"
        ),
        ForeignKeyConstraint(
            ["community_code", "to_account"], [FundAccount.community_code, FundAccount.code], name="fk_to"
        ),
        UniqueConstraint("community_code", "reference"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    from_account: Mapped[str]
    to_account: Mapped[str]
    amount_fen: Mapped[int]
    reference: Mapped[str]
    memo: Mapped[str]
    moved_at: Mapped[datetime]
    moved_by: Mapped[str]


class FundCheck(Base):
    """A nightly check of all funds, and what it found."""

    __tablename__ = "fund_check"
    __table_args__ = {"info": APPEND_ONLY}  # noqa: RUF012 - SQLAlchemy's own word

    checked_at: Mapped[datetime] = mapped_column(primary_key=True)
    funds: Mapped[int]
    broken: Mapped[list[Any]] = mapped_column(JSONB)
