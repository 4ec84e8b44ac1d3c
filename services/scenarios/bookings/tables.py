"""Tables: bookings, what staff decided on them, and cancellations."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import APPEND_ONLY, Assisted, assisted_checks


class Booking(Assisted, Base):
    """A space booked for a resident.

    It moves from state to state by compare-and-swap; one that is held or requested lapses at `expires_at`, whatever
    its state still says. `sequence` counts how often its times have changed, as iCalendar does.
    """

    __tablename__ = "booking"
    __table_args__ = (
        *assisted_checks(),
        CheckConstraint("ends_at > starts_at", name="period"),
        CheckConstraint("state IN ('held', 'requested', 'confirmed', 'declined', 'cancelled')", name="state_known"),
        CheckConstraint("(state IN ('held', 'requested')) = (expires_at IS NOT NULL)", name="expires"),
        ForeignKeyConstraint(["community_code", "space_id"], ["space.community_code", "space.id"]),
        Index("ix_booking_id", "id"),
        Index("ix_booking_resident", "resident_id", "starts_at", "id"),
        Index("ix_booking_series", "community_code", "series_id", "starts_at"),
        ForeignKeyConstraint(["community_code", "series_id"], ["booking_series.community_code", "booking_series.id"]),
        Index("ix_booking_use", "community_code", "space_id", "starts_at"),
        {"info": {"grants": "SELECT, INSERT, UPDATE"}},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    space_id: Mapped[uuid.UUID]
    resident_id: Mapped[uuid.UUID]
    function: Mapped[str] = mapped_column(server_default="base")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="confirmed")
    expires_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(server_default="0")
    series_id: Mapped[uuid.UUID | None]
    booked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def cancelled_at(self) -> datetime | None:
        """When it was cancelled, if it was."""
        return self.changed_at if self.state == "cancelled" else None


class Series(Assisted, Base):
    """Bookings of a space that recur by a rule (RFC 5545, in China's time)."""

    __tablename__ = "booking_series"
    __table_args__ = (*assisted_checks(), Index("ix_booking_series_id", "id"), {"info": APPEND_ONLY})

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    space_id: Mapped[uuid.UUID]
    resident_id: Mapped[uuid.UUID]
    rule: Mapped[str]
    booked_at: Mapped[datetime]


class Rescheduling(Assisted, Base):
    """A booking's times, before they were changed for the n-th time."""

    __tablename__ = "rescheduling"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(["community_code", "booking_id"], ["booking.community_code", "booking.id"]),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    rescheduled_at: Mapped[datetime]


class Decision(Base):
    """What staff decided on a booking that was requested."""

    __tablename__ = "booking_decision"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "booking_id"], ["booking.community_code", "booking.id"]),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    approved: Mapped[bool]
    reason: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]


class Cancellation(Assisted, Base):
    """A booking given up."""

    __tablename__ = "cancellation"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(["community_code", "booking_id"], ["booking.community_code", "booking.id"]),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    cancelled_at: Mapped[datetime] = mapped_column(server_default=func.now())
