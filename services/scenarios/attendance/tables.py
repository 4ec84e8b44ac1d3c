"""Tables: who checked in and who checked out."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import APPEND_ONLY, Assisted, assisted_checks

ATTENDANCE = ["community_code", "activity_id", "resident_id"]


class CheckIn(Assisted, Base):
    """A resident who has a seat came to the activity; once."""

    __tablename__ = "check_in"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(ATTENDANCE, [f"sign_up.{column}" for column in ATTENDANCE], deferrable=True),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    activity_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    attendance_id: Mapped[uuid.UUID] = mapped_column(server_default=text("uuidv7()"))
    checked_in_at: Mapped[datetime]


class CheckOut(Assisted, Base):
    """A resident who had come left; once."""

    __tablename__ = "check_out"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(ATTENDANCE, [f"check_in.{column}" for column in ATTENDANCE], deferrable=True),
        CheckConstraint("checked_out_at >= checked_in_at", name="after_check_in"),
        CheckConstraint(
            "minutes >= 0 AND minutes * interval '1 minute' <= checked_out_at - checked_in_at", name="minutes"
        ),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    activity_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    checked_in_at: Mapped[datetime]
    checked_out_at: Mapped[datetime]
    minutes: Mapped[int]
