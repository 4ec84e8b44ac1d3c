"""Vouchers, and what tills reported of them."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base


class Voucher(Base):
    """Points that are held for who carries the paper; until `closed_at` is set its hold stands.

    `closes_at` is until when tills may post it: some days after it expires, or was revoked.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        UniqueConstraint("community_code", "number", name="uq_voucher_number"),
        CheckConstraint("points > 0", name="worth_something"),
        CheckConstraint("issued_at < expires_at AND issued_at < closes_at", name="ends_after"),
        CheckConstraint("redemption_id IS NULL OR closed_at IS NOT NULL", name="paid_is_closed"),
        Index("ix_voucher_id", "voucher_id"),
        Index("ix_voucher_resident", "resident_id", "issued_at"),
        Index("ix_voucher_open", "closes_at", postgresql_where=text("closed_at IS NULL")),
        {"info": {"grants": "SELECT, INSERT, UPDATE (revoked_at, revoked_by, closes_at, closed_at, redemption_id)"}},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    voucher_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    resident_id: Mapped[uuid.UUID]
    points: Mapped[int]
    token: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    redemption_id: Mapped[uuid.UUID | None]


class Presentation(Base):
    """What a till reported that it took, and what was decided; none is lost, and none that is decided changes."""

    __tablename__ = "voucher_presentation"
    __table_args__ = (
        CheckConstraint("state IN ('paid', 'refused', 'waiting')", name="state_known"),
        CheckConstraint("(state = 'paid') = (reason IS NULL)", name="unpaid_for_a_reason"),
        Index("ix_voucher_presentation_voucher", "voucher_community", "voucher_id"),
        Index("ix_voucher_presentation_waiting", "decided_at", postgresql_where=text("state = 'waiting'")),
        {"info": {"grants": "SELECT, INSERT, UPDATE (state, reason, decided_at)"}},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    merchant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    presentation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token: Mapped[str]
    voucher_community: Mapped[str | None]
    voucher_id: Mapped[uuid.UUID | None]
    presented_at: Mapped[datetime]
    posted_at: Mapped[datetime]
    decided_at: Mapped[datetime]
    state: Mapped[str]
    reason: Mapped[str | None]
