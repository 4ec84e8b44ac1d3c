"""Schemes, surveys, check-ups and their results: all of them are only added to."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.communities.tables import CommunityReference
from shared.database import APPEND_ONLY


class CheckupScheme(Base):
    """What is looked at, how much of it is required and what it weighs, as data."""

    __tablename__ = "checkup_scheme"
    __table_args__ = {"info": APPEND_ONLY}  # noqa: RUF012 - SQLAlchemy's own word

    code: Mapped[str] = mapped_column(primary_key=True)
    area_code: Mapped[str]
    subclasses: Mapped[list[Any]] = mapped_column(JSONB)
    adopted_at: Mapped[datetime]
    adopted_by: Mapped[str]


class FacilitySurvey(Base):
    """What a survey found in a community: facilities by subclass; one that was looked for in vain has an empty list."""

    __tablename__ = "facility_survey"
    __table_args__ = (CheckConstraint("households > 0", name="households_are_positive"), {"info": APPEND_ONLY})

    community_code: Mapped[str] = mapped_column(ForeignKey(CommunityReference.code), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    households: Mapped[int]
    found: Mapped[dict[str, Any]]
    surveyed_at: Mapped[datetime]
    surveyed_by: Mapped[str]


class Checkup(Base):
    """One evaluation of an area's surveys of a year."""

    __tablename__ = "checkup"
    __table_args__ = (
        CheckConstraint("listed <= ranked AND listed >= 0", name="listed_are_ranked"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    area_code: Mapped[str]
    year: Mapped[int] = mapped_column(SmallInteger)
    scheme: Mapped[str] = mapped_column(ForeignKey(CheckupScheme.code))
    surveyed: Mapped[int]
    ranked: Mapped[int]
    listed: Mapped[int]
    cutoff_bp: Mapped[int | None]
    digest: Mapped[str]
    evaluated_at: Mapped[datetime]
    evaluated_by: Mapped[str]


class CheckupResult(Base):
    """A community's index in a check-up, with the snapshot of the survey that it was computed from."""

    __tablename__ = "checkup_result"
    __table_args__ = (
        CheckConstraint("index_bp BETWEEN 0 AND 10000", name="index_is_a_share"),
        CheckConstraint("NOT listed OR index_bp IS NOT NULL", name="listed_are_ranked"),
        Index("ix_checkup_result_checkup", "checkup_id", "listed", "community_code"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    checkup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Checkup.id), primary_key=True)
    snapshot: Mapped[dict[str, Any]]
    index_bp: Mapped[int | None]
    known_bp: Mapped[int]
    missing: Mapped[list[Any]] = mapped_column(JSONB)
    low_use: Mapped[list[Any]] = mapped_column(JSONB)
    listed: Mapped[bool]
