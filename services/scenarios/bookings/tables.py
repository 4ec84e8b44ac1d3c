"""Tables: bookings, the claims that keep them apart, and cancellations."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.assistance.tables import Assisted, assisted_checks
from services.scenarios.base import Base
from shared.database import APPEND_ONLY


class Booking(Assisted, Base):
    """A space booked for a resident; it stands unless there is a cancellation."""

    __tablename__ = "booking"
    __table_args__ = (
        *assisted_checks(),
        CheckConstraint("ends_at > starts_at", name="period"),
        ForeignKeyConstraint(["community_code", "space_id"], ["space.community_code", "space.id"]),
        Index("ix_booking_id", "id"),
        Index("ix_booking_use", "community_code", "space_id", "starts_at"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    space_id: Mapped[uuid.UUID]
    resident_id: Mapped[uuid.UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    booked_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Claim(Base):
    """A unit 最小单元 occupied for a period, the buffer included. No two that are not released overlap."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("state IN ('taken', 'released')", name="state_known"),
        CheckConstraint("NOT isempty(period) AND NOT lower_inf(period) AND NOT upper_inf(period)", name="bounded"),
        ForeignKeyConstraint(["community_code", "unit_id"], ["space.community_code", "space.id"]),
        ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["booking.community_code", "booking.id"],
            deferrable=True,  # the claim comes first: it is what decides whether there is a booking
            initially="DEFERRED",
        ),
        ExcludeConstraint(
            ("community_code", "="),
            ("unit_id", "="),
            ("period", "&&"),
            where=text("state <> 'released'"),
            using="gist",
            name="claim_never_twice",
        ),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    unit_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    period: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    state: Mapped[str] = mapped_column(server_default="taken")


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
