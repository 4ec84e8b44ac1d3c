"""Tables: who waits for seats."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import Assisted, assisted_checks

STANDING = text("state IN ('waiting', 'offered')")


class WaitlistEntry(Assisted, Base):
    """A resident that waits for seats for its party; those of a lower priority number come first, then the earliest."""

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        *assisted_checks(),
        CheckConstraint(
            "state IN ('waiting', 'offered', 'accepted', 'declined', 'lapsed')",
            name="state_known",
        ),
        CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name="offered"),
        CheckConstraint("party_size > 0", name="party"),
        ForeignKeyConstraint(["community_code", "activity_id"], ["activity.community_code", "activity.id"]),
        Index(
            "uq_waitlist_entry_standing",
            "community_code",
            "activity_id",
            "resident_id",
            unique=True,
            postgresql_where=STANDING,
        ),
        Index("ix_waitlist_entry_id", "id"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    activity_id: Mapped[uuid.UUID]
    resident_id: Mapped[uuid.UUID]
    resident_community_code: Mapped[str]
    party_size: Mapped[int]
    category: Mapped[str]
    priority: Mapped[int]
    place: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="waiting")
    offered_until: Mapped[datetime | None]
    joined_at: Mapped[datetime]
