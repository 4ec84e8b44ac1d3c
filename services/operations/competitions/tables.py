"""Competitions, their rankings and appeals: a handful a year, kept whole on each node."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


class Competition(Base):
    """A competition of an area's streets over some days, by a formula that was published before they began."""

    __tablename__ = "competition"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="days_are_in_order"), {"info": APPEND_ONLY})

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    area_code: Mapped[str]
    title: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    formula: Mapped[dict[str, Any]]
    populations: Mapped[dict[str, Any]]
    digest: Mapped[str]
    announced_at: Mapped[datetime]
    announced_by: Mapped[str]


class CompetitionRanking(Base):
    """A ranking with all it was computed from; an appeal that is upheld leads to the next revision."""

    __tablename__ = "competition_ranking"
    __table_args__ = ({"info": APPEND_ONLY},)

    competition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Competition.id), primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    counts: Mapped[list[Any]] = mapped_column(JSONB)
    places: Mapped[list[Any]] = mapped_column(JSONB)
    excluded: Mapped[list[Any]] = mapped_column(JSONB)
    cleared: Mapped[list[Any]] = mapped_column(JSONB)
    because: Mapped[str]
    ranked_at: Mapped[datetime]
    ranked_by: Mapped[str]


class CompetitionAppeal(Base):
    """A street's appeal; who raised it does not decide it."""

    __tablename__ = "competition_appeal"
    __table_args__ = (
        CheckConstraint("state IN ('raised', 'upheld', 'dismissed')", name="state_is_known"),
        CheckConstraint("(state = 'raised') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("decided_by <> raised_by", name="is_not_ones_own"),
    )

    competition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Competition.id), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    street_code: Mapped[str]
    revision: Mapped[int] = mapped_column(SmallInteger)
    grounds: Mapped[str]
    state: Mapped[str]
    ruling: Mapped[str | None]
    raised_at: Mapped[datetime]
    raised_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
