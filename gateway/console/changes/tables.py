"""What is in force, and every change that was ever proposed."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base


class Setting(Base):
    """A document in force."""

    __tablename__ = "setting"

    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    document: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    changed_by: Mapped[uuid.UUID]


class Change(Base):
    """A proposal to put one document in the place of another; nobody decides on what they proposed."""

    __tablename__ = "change"
    __table_args__ = (
        CheckConstraint("decided_by <> proposed_by", name="by_two_persons"),
        CheckConstraint("(verdict IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("verdict IN ('approved', 'rejected')", name="verdict_known"),
        Index("uq_change_waiting", "kind", "name", unique=True, postgresql_where=text("verdict IS NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    kind: Mapped[str]
    name: Mapped[str]
    base_revision: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str]
    at_once: Mapped[bool]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    verdict: Mapped[str | None]
