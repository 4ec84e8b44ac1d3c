"""Tables: where one checks in, who came and left, who stayed away, and who is exempt."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import APPEND_ONLY

SEAT = ["community_code", "activity_id", "resident_id"]


class CheckInPolicy(Base):
    """How long a space's booking waits for its people; `code` is shown at the door."""

    __tablename__ = "check_in_policy"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "space_id"], ["space.community_code", "space.id"]),
        CheckConstraint("grace_minutes BETWEEN 5 AND 120", name="grace"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    space_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    grace_minutes: Mapped[int]
    code: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class Arrival(Base):
    """The people of a booking came, and left when `left_at` is set."""

    __tablename__ = "arrival"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "booking_id"], ["booking.community_code", "booking.id"]),
        CheckConstraint("way IN ('qr', 'desk', 'name')", name="way_known"),
        CheckConstraint("left_at >= arrived_at", name="after_arrival"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    way: Mapped[str]
    people: Mapped[int]
    arrived_at: Mapped[datetime]
    noted_by: Mapped[str]
    left_at: Mapped[datetime | None]


class NoShow(Base):
    """A booking, or the seats of a party in an activity, that was missed; with `excused_because` it does not count.

    That of a booking has the booking's id.
    """

    __tablename__ = "no_show"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "booking_id"], ["booking.community_code", "booking.id"]),
        ForeignKeyConstraint(SEAT, [f"sign_up.{column}" for column in SEAT], name="fk_no_show_seat", deferrable=True),
        UniqueConstraint("community_code", "booking_id", name="uq_no_show_booking"),
        UniqueConstraint(*SEAT, name="uq_no_show_seat"),
        CheckConstraint("num_nonnulls(booking_id, activity_id) = 1", name="of_one_thing"),
        CheckConstraint("(appealed_at IS NULL) = (appeal IS NULL)", name="appealed"),
        CheckConstraint("decided_at IS NULL OR appealed_at IS NOT NULL", name="decided_on_an_appeal"),
        Index("ix_no_show_resident", "community_code", "resident_id", "missed_at"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    booking_id: Mapped[uuid.UUID | None]
    activity_id: Mapped[uuid.UUID | None]
    resident_id: Mapped[uuid.UUID]
    missed_at: Mapped[datetime]
    excused_because: Mapped[str | None]
    appeal: Mapped[str | None]
    appealed_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class Exemption(Base):
    """A resident whose missed bookings do not count for a time, such as while ill; what for, staff keep elsewhere."""

    __tablename__ = "exemption"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    until: Mapped[datetime] = mapped_column(primary_key=True)
    reference: Mapped[str]
    given_by: Mapped[str]
