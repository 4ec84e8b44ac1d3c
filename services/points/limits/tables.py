"""Caps per resident, and the budgets of communities."""

from datetime import datetime

from sqlalchemy import CheckConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class ResidentCap(Base):
    """A version of a cap that holds across the communities of an area, and so belongs to none; without points, none.

    `activity` is empty for all activities.
    """

    __tablename__ = "resident_cap"
    __table_args__ = (
        CheckConstraint("points_max >= 0", name="not_below_nothing"),
        CheckConstraint("direction = 'earn' OR activity = ''", name="activities_earn"),
        {"info": APPEND_ONLY},
    )

    area: Mapped[str] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(primary_key=True)
    activity: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    points_max: Mapped[int | None]
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Budget(Base):
    """What a community may grant in a civil year, in service points, and what it has granted.

    Its row is locked by who grants from it: no two spend the same point.
    """

    __tablename__ = "budget"
    __table_args__ = (CheckConstraint("issued BETWEEN 0 AND points", name="granted_within"),)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[int]
    issued: Mapped[int] = mapped_column(default=0, server_default="0")
