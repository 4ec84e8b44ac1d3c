"""Tables: households, and what a household may book."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base


class HouseholdMember(Base):
    """A resident that shares a household with others of the same household_id; one without an entry lives alone."""

    __tablename__ = "household_member"
    __table_args__ = (Index("ix_household_member_household", "community_code", "household_id"),)

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    household_id: Mapped[uuid.UUID]
    entered_by: Mapped[str]


class BookingQuota(Base):
    """How many minutes of a community's spaces a household may book in a week, Monday to Sunday in China."""

    __tablename__ = "booking_quota"
    __table_args__ = (CheckConstraint("minutes_a_week > 0", name="minutes"),)

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    minutes_a_week: Mapped[int]
    set_by: Mapped[str]
