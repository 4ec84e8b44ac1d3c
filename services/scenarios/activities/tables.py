"""Tables: activities and who signed up."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base, Published
from shared.database import APPEND_ONLY, Assisted, assisted_checks


class Activity(Published, Base):
    """An activity with seats; `code` is shown on the spot, and lets a resident check itself in and out.

    `quotas` are seats kept for categories until `quotas_until`, `taken` the seats that each category has, `waiting` how
    many wait or have an offer. Seats on offer count as taken. After `waitlist_until` no seat is offered any more.
    With `grace_minutes`, seats to which nobody comes so long after the start are released to those who wait.
    """

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="times"),
        CheckConstraint("seats_taken BETWEEN 0 AND capacity", name="never_oversold"),
        CheckConstraint("waiting >= 0", name="waiting"),
        CheckConstraint("grace_minutes BETWEEN 5 AND 120", name="grace"),
        Index("ix_activity_id", "id"),
    )

    kind: Mapped[str]
    title: Mapped[str]
    capacity: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(server_default="0")
    quotas: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    taken: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    quotas_until: Mapped[datetime | None]
    waiting: Mapped[int] = mapped_column(server_default="0")
    waitlist_until: Mapped[datetime | None]
    offer_minutes: Mapped[int] = mapped_column(server_default="120")
    grace_minutes: Mapped[int | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    code: Mapped[str]


class SignUp(Assisted, Base):
    """A resident's seats in an activity, for itself and its party; withdrawn or missed, they may be taken again."""

    __tablename__ = "sign_up"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(["community_code", "activity_id"], ["activity.community_code", "activity.id"]),
        CheckConstraint("party_size > 0", name="party"),
        CheckConstraint("state IN ('seated', 'withdrawn', 'missed')", name="state_known"),
        {"info": {"grants": "SELECT, INSERT, UPDATE"}},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    activity_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"))
    signed_up_at: Mapped[datetime] = mapped_column(server_default=func.now())
    party_size: Mapped[int] = mapped_column(server_default="1")
    category: Mapped[str] = mapped_column(server_default="general")
    state: Mapped[str] = mapped_column(server_default="seated")


class Withdrawal(Assisted, Base):
    """Seats given up."""

    __tablename__ = "withdrawal"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(
            ["community_code", "activity_id", "resident_id"],
            ["sign_up.community_code", "sign_up.activity_id", "sign_up.resident_id"],
            deferrable=True,
        ),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    activity_id: Mapped[uuid.UUID]
    resident_id: Mapped[uuid.UUID]
    party_size: Mapped[int]
    withdrawn_at: Mapped[datetime]
