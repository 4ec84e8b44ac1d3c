"""Checks that were asked for, and what came of them."""

import uuid
from datetime import datetime

from sqlalchemy import Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base


class Check(Base):
    """A check: it is due, or answered, or given up. What it asks about is sealed, and forgotten with the answer.

    The database lets nobody delete one: who asked what of the province, and why, is kept.
    """

    __tablename__ = "verification"
    __table_args__ = (
        Index("ix_verification_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_verification_community_code", "community_code", "id"),
        {"info": {"grants": "SELECT, INSERT, UPDATE"}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    community_code: Mapped[str]
    kind: Mapped[str]
    about: Mapped[str]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    purpose: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    result: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    request_id: Mapped[str | None]
    last_fault: Mapped[str | None]
