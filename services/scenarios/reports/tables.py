"""Tables: what residents report, and how each hand-over to the city stands."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import Assisted, assisted_checks


class Report(Assisted, Base):
    """Something that is to be put right, where it is, and what came of it."""

    __tablename__ = "report"
    __table_args__ = (
        *assisted_checks(),
        CheckConstraint(
            "kind IN ('lighting', 'road', 'waste', 'water', 'green', 'noise', 'facility', 'other')", name="kind_known"
        ),
        CheckConstraint("state IN ('open', 'handed-over', 'closed')", name="state_known"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        Index("ix_report_id", "id"),
        Index("ix_report_open", "community_code", "id", postgresql_where=text("state <> 'closed'")),
    )

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    resident_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    place: Mapped[str]
    text: Mapped[str]
    reported_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="open")
    outcome: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]


class HandOver(Base):
    """A report at the city: what is sent of it, under which number it goes there, and when to ask next.

    `tries` counts since the city last answered, so that each pause is longer than the one before.
    """

    __tablename__ = "hand_over"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "report_id"], ["report.community_code", "report.id"]),
        CheckConstraint("state IN ('queued', 'sent', 'refused', 'closed')", name="state_known"),
        CheckConstraint("state NOT IN ('sent', 'closed') OR coalesce(request_id, token) IS NOT NULL", name="numbered"),
        CheckConstraint("(state IN ('queued', 'sent')) = (due_at IS NOT NULL)", name="due"),
        CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refusal"),
        CheckConstraint("tries >= 0", name="tries"),
        Index("ix_hand_over_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    text: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="queued")
    token: Mapped[str | None]
    request_id: Mapped[str | None]
    notes: Mapped[str | None]
    refusal: Mapped[str | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime | None]
    handed_by: Mapped[str]
    handed_at: Mapped[datetime]
