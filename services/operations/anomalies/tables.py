"""What anomalies are looked for in, beside settlements: purchases, and who was where when; added to, never changed."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


class Purchase(Base):
    """A purchase without a tender, in fen."""

    __tablename__ = "purchase"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount_is_positive"), {"info": APPEND_ONLY})

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    provider_id: Mapped[uuid.UUID]
    category: Mapped[str]
    amount_fen: Mapped[int]
    invoice_number: Mapped[str]
    bought_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class AttendanceTrace(Base):
    """A resident's time at an activity, as scenarios told it."""

    __tablename__ = "attendance_trace"
    __table_args__ = (
        Index("ix_attendance_trace_came_at", "community_code", "came_at"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    attendance_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    activity_id: Mapped[uuid.UUID]
    resident_id: Mapped[uuid.UUID]
    came_at: Mapped[datetime]
    left_at: Mapped[datetime]
