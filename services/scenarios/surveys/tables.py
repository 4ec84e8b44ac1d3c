"""Tables: surveys with their frozen instrument, responses, and entries of paper."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base, Published
from shared.database import APPEND_ONLY, Assisted, assisted_checks

OF_SURVEY = ["community_code", "survey_id"]
SURVEY = ["survey.community_code", "survey.id"]


class Survey(Published, Base):
    """A survey; its instrument and its strata are frozen from the moment it is published."""

    __tablename__ = "survey"
    __table_args__ = (
        CheckConstraint("kind IN ('demand', 'satisfaction')", name="kind_known"),
        CheckConstraint("closes_at > opens_at", name="times"),
        Index("ix_survey_id", "id"),
        {"info": APPEND_ONLY},
    )

    kind: Mapped[str]
    title: Mapped[str]
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    instrument: Mapped[str]
    strata: Mapped[dict[str, Any]]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]


class Response(Assisted, Base):
    """A resident's answers; one per person and survey."""

    __tablename__ = "response"
    __table_args__ = (*assisted_checks(), ForeignKeyConstraint(OF_SURVEY, SURVEY), {"info": APPEND_ONLY})

    community_code: Mapped[str] = mapped_column(primary_key=True)
    survey_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    household_id: Mapped[uuid.UUID]
    stratum: Mapped[str]
    answers: Mapped[dict[str, Any]]
    responded_at: Mapped[datetime]


class PaperEntry(Base):
    """What one member of staff read on a resident's paper; two that agree make the response."""

    __tablename__ = "paper_entry"
    __table_args__ = (ForeignKeyConstraint(OF_SURVEY, SURVEY),)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    survey_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    entered_by: Mapped[str] = mapped_column(primary_key=True)
    household_id: Mapped[uuid.UUID]
    stratum: Mapped[str]
    answers: Mapped[dict[str, Any]]
    entered_at: Mapped[datetime]
