"""What residents ask about their own data, who decided, and which services have done it."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base
from shared.database import Assisted, assisted_checks

OPEN_ERASURE = "kind = 'erasure' AND done_at IS NULL AND verdict IS DISTINCT FROM 'declined'"


class PrivacyRequest(Assisted, Base):
    """A request of a resident; once an erasure is done, under a pseudonym."""

    __tablename__ = "privacy_request"
    __table_args__ = (
        *assisted_checks(),
        CheckConstraint("kind IN ('erasure', 'correction')", name="kind_known"),
        CheckConstraint("verdict IN ('accepted', 'declined')", name="verdict_known"),
        CheckConstraint("num_nulls(verdict, decided_by, reason, decided_at) IN (0, 4)", name="a_decision_is_whole"),
        CheckConstraint("decided_by <> given_by", name="by_two_persons"),
        Index("uq_privacy_request_erasure", "resident_id", unique=True, postgresql_where=text(OPEN_ERASURE)),
        Index("ix_privacy_request_community_code", "community_code", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    community_code: Mapped[str]
    kind: Mapped[str]
    resident_id: Mapped[uuid.UUID]
    what: Mapped[str]
    asked_at: Mapped[datetime]
    verdict: Mapped[str | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    erased_in: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    done_at: Mapped[datetime | None]
