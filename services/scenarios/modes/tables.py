"""Tables: function modes."""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base, Published


class FunctionMode(Published, Base):
    """What a space serves as, by rule: on some weekdays, on holidays, on days worked instead, between two hours."""

    __tablename__ = "function_mode"
    __table_args__ = (
        CheckConstraint(
            "0 <= starts_minute - change_over_minutes AND starts_minute < ends_minute"
            " AND ends_minute + change_over_minutes <= 1440 AND change_over_minutes >= 0",
            name="hours",
        ),
        CheckConstraint("valid_from <= valid_until", name="validity"),
        CheckConstraint("cardinality(weekdays) > 0 OR on_holidays OR on_make_up_workdays", name="days"),
        ForeignKeyConstraint(["community_code", "space_id"], ["space.community_code", "space.id"]),
        Index("ix_function_mode_space", "community_code", "space_id"),
    )

    space_id: Mapped[uuid.UUID]
    function: Mapped[str]
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    on_holidays: Mapped[bool]
    on_make_up_workdays: Mapped[bool]
    starts_minute: Mapped[int]
    ends_minute: Mapped[int]
    change_over_minutes: Mapped[int]
    compatible_with: Mapped[list[str]] = mapped_column(ARRAY(Text))
    bookable: Mapped[bool]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    ended_at: Mapped[datetime | None]
