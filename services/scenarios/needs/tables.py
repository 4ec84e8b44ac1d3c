"""Tables: needs, and what answers them."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import APPEND_ONLY


class Need(Base):
    """Something residents want, as a survey has it."""

    __tablename__ = "need"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "survey_id"], ["survey.community_code", "survey.id"]),
        UniqueConstraint("community_code", "survey_id", "question", "option"),
        CheckConstraint("votes > 0 AND rank > 0 AND indicator_no BETWEEN 1 AND 33", name="amounts"),
        Index("ix_need_id", "id"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    survey_id: Mapped[uuid.UUID]
    question: Mapped[str]
    option: Mapped[str]
    votes: Mapped[int]
    rank: Mapped[int]
    indicator_no: Mapped[int]


class NeedAnswer(Base):
    """A programme, space, activity or facility that answers a need."""

    __tablename__ = "need_answer"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "need_id"], ["need.community_code", "need.id"]),
        CheckConstraint("kind IN ('programme', 'space', 'activity', 'facility')", name="kind_known"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    need_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    answer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    linked_by: Mapped[str]
    linked_at: Mapped[datetime] = mapped_column(server_default=func.now())
