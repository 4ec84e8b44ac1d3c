"""Tables: the days that are not what the published notice has, or that no notice has yet."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base


class CalendarDay(Base):
    """A day's kind where it differs from the notices that the program carries, or lies beyond them."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("kind IN ('ordinary', 'holiday', 'make_up_workday')", name="kind_known"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    basis: Mapped[str]
    set_by: Mapped[str]
