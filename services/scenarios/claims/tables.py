"""Tables: the atomic units that spaces break down into, and the claims that keep bookings apart."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import APPEND_ONLY


class Unit(Base):
    """The smallest part of a community's spaces that is had as a whole 最小单元: half of a hall, a stretch of road."""

    __tablename__ = "unit"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))


class Claim(Base):
    """A unit occupied for a period, the buffer included. No two that are not released overlap.

    One that expires is as good as released from that moment on; who wants the unit releases it.
    """

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("state IN ('taken', 'released')", name="state_known"),
        CheckConstraint("NOT isempty(period) AND NOT lower_inf(period) AND NOT upper_inf(period)", name="bounded"),
        ForeignKeyConstraint(["community_code", "unit_id"], ["unit.community_code", "unit.id"]),
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
        Index("ix_claim_booking", "community_code", "booking_id"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    booking_id: Mapped[uuid.UUID]
    unit_id: Mapped[uuid.UUID]
    period: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    state: Mapped[str] = mapped_column(server_default="taken")
    expires_at: Mapped[datetime | None]
