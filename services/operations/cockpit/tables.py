"""What the cockpit shows: a day's sums per community and measure, and the records that they are the sums of."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


class CockpitRecord(Base):
    """Something that happened; `actor` is the pseudonym of who did it, which is counted and never shown."""

    __tablename__ = "cockpit_record"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_is_positive"),
        Index("ix_cockpit_record_drill", "community_code", "measure", "day", "source_id"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    day: Mapped[date]
    amount: Mapped[int]
    actor: Mapped[uuid.UUID]
    occurred_at: Mapped[datetime]


class CockpitDay(Base):
    """A community's day: how many records and what they come to."""

    __tablename__ = "cockpit_day"
    __table_args__ = (CheckConstraint("count > 0 AND amount > 0", name="something_happened"),)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    amount: Mapped[int]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
