"""Tables: hours kept for those who are helped, and the age bands that reports need."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base


class AssistedReserve(Base):
    """Hours of a space's day that only the desk's channels book, until some hours before the start."""

    __tablename__ = "assisted_reserve"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "space_id"], ["space.community_code", "space.id"]),
        CheckConstraint("0 <= from_minute AND from_minute < to_minute AND to_minute <= 1440", name="hours"),
        CheckConstraint("release_hours > 0", name="release"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    space_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    from_minute: Mapped[int]
    to_minute: Mapped[int]
    release_hours: Mapped[int]
    set_by: Mapped[str]


class AgeBand(Base):
    """A resident's age band, for the equity report; no date of birth is kept here."""

    __tablename__ = "age_band"
    __table_args__ = (CheckConstraint("band IN ('0-17', '18-59', '60-79', '80+')", name="band_known"),)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    band: Mapped[str]
