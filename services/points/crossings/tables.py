"""Purchases that go out to another cell, those that come in, and what two cells do not agree on."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class Crossing(Base):
    """A purchase in another cell, by the book of the payer: held until the merchant's cell has decided.

    `request_no` counts a pair's crossings by the payer's cell, `decision_no` its decisions by the merchant's. Each cell
    tells the other how far it has seen: one that was restored from a backup is behind what the other has seen of it.
    """

    __tablename__ = "crossing"
    __table_args__ = (
        CheckConstraint("price > 0 AND paid >= price", name="discount_never_gains"),
        CheckConstraint("state IN ('requested', 'captured', 'released')", name="state_known"),
        CheckConstraint("(state = 'requested') = (decision_no IS NULL)", name="decided_by_the_other"),
        UniqueConstraint("community_code", "to_community", "request_no", name="uq_crossing_request_no"),
        Index("ix_crossing_decision_no", "community_code", "to_community", "decision_no"),
        Index("ix_crossing_waiting", "community_code", "asked_at", postgresql_where=text("state = 'requested'")),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    crossing_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID]
    to_community: Mapped[str]
    merchant_id: Mapped[uuid.UUID]
    price: Mapped[int]
    paid: Mapped[int]
    rate_bp: Mapped[int]
    discount_bp: Mapped[int]
    request_no: Mapped[int]
    requested_at: Mapped[datetime]
    deadline: Mapped[datetime]
    asked_at: Mapped[datetime]
    state: Mapped[str]
    decision_no: Mapped[int | None]
    reason: Mapped[str | None]


class Arrival(Base):
    """What was decided of a purchase that came from another cell: once and for all."""

    __tablename__ = "arrival"
    __table_args__ = (
        CheckConstraint("price > 0", name="price_positive"),
        CheckConstraint("accepted = (reason IS NULL)", name="refused_for_a_reason"),
        UniqueConstraint("community_code", "from_community", "decision_no", name="uq_arrival_decision_no"),
        Index("ix_arrival_request_no", "community_code", "from_community", "request_no"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    crossing_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    from_community: Mapped[str]
    merchant_id: Mapped[uuid.UUID]
    price: Mapped[int]
    request_no: Mapped[int]
    decision_no: Mapped[int]
    accepted: Mapped[bool]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime]


class Discord(Base):
    """That the books of a community and of one in another cell do not agree; while it stands, nothing crosses.

    It is taken away by an engineer, once both books were brought together.
    """

    __tablename__ = "discord"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    counterparty: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str]
    facts: Mapped[dict[str, Any]]
    noticed_at: Mapped[datetime]
