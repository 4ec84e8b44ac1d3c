"""Rubrics, acceptances and the scores of their assessors."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.communities.tables import Community
from shared.database import APPEND_ONLY


class AcceptanceRubric(Base):
    """A rubric that an area has adopted; never changed."""

    __tablename__ = "acceptance_rubric"
    __table_args__ = {"info": APPEND_ONLY}  # noqa: RUF012 - SQLAlchemy's own word

    code: Mapped[str] = mapped_column(primary_key=True)
    area_code: Mapped[str]
    rubric: Mapped[dict[str, Any]]
    adopted_at: Mapped[datetime]
    adopted_by: Mapped[str]


class Acceptance(Base):
    """A project that is assessed; `outcome` and its digest when it is decided."""

    __tablename__ = "acceptance"
    __table_args__ = (
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided_has_an_outcome"),
        CheckConstraint("(outcome IS NULL) = (digest IS NULL)", name="decided_is_sealed"),
    )

    community_code: Mapped[str] = mapped_column(ForeignKey(Community.community_code), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    rubric: Mapped[str] = mapped_column(ForeignKey(AcceptanceRubric.code))
    project_type: Mapped[str]
    satisfaction: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    digest: Mapped[str | None]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class AcceptanceScore(Base):
    """What an assessor gave an item, with links to the evidence; who thinks again adds a revision."""

    __tablename__ = "acceptance_score"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "acceptance_id"], [Acceptance.community_code, Acceptance.id]),
        CheckConstraint("points >= 0", name="points_are_not_negative"),
        CheckConstraint("jsonb_array_length(evidence) > 0", name="evidence_is_given"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    acceptance_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    assessor: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[int]
    evidence: Mapped[list[Any]] = mapped_column(JSONB)
    scored_at: Mapped[datetime]
