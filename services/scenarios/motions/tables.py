"""Tables: motions, what residents contribute, answers, and how each stage ended."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base, Published
from shared.database import APPEND_ONLY, Assisted, assisted_checks

MOTION = ["motion.community_code", "motion.id"]


class Motion(Published, Base):
    """A motion on its way through the five stages."""

    __tablename__ = "motion"
    __table_args__ = (
        CheckConstraint(
            "stage IN ('wishes', 'design', 'vote', 'supervision', 'acceptance', 'closed')", name="stage_known"
        ),
        Index("ix_motion_id", "id"),
    )

    title: Mapped[str]
    description: Mapped[str]
    stage: Mapped[str] = mapped_column(server_default="wishes")


class Contribution(Assisted, Base):
    """What a resident said at a stage; by when it is to be answered."""

    __tablename__ = "contribution"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(["community_code", "motion_id"], MOTION),
        Index("ix_contribution_motion", "community_code", "motion_id", "id"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    motion_id: Mapped[uuid.UUID]
    resident_id: Mapped[uuid.UUID]
    stage: Mapped[str]
    text: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    contributed_at: Mapped[datetime]
    answer_due_at: Mapped[datetime]


class Answer(Base):
    """The answer to a contribution; one, and it stays."""

    __tablename__ = "answer"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "contribution_id"], ["contribution.community_code", "contribution.id"]),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contribution_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    text: Mapped[str]
    answered_by: Mapped[str]
    answered_at: Mapped[datetime]


class StageRecord(Base):
    """How a stage of a motion ended, with its evidence."""

    __tablename__ = "stage_record"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "motion_id"], MOTION),
        CheckConstraint("evidence <> '{}'::jsonb", name="evidenced"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    motion_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    summary: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    ended_by: Mapped[str]
    ended_at: Mapped[datetime]
