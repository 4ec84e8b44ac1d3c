"""Tables: rounds, applications, and what was allotted."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base, Published
from shared.database import APPEND_ONLY, Assisted, assisted_checks

OF_ROUND = ["community_code", "round_id"]


class Round(Published, Base):
    """Hours of a season that are applied for together; `seed` is shown once it is drawn, its digest from the start."""

    __tablename__ = "allocation_round"
    __table_args__ = (
        CheckConstraint("method IN ('lottery', 'deferred-acceptance')", name="method_known"),
        CheckConstraint("opens_at < closes_at", name="period"),
        CheckConstraint("drawn_at >= closes_at", name="drawn_after_it_closed"),
        Index("ix_allocation_round_id", "id"),
        Index("ix_allocation_round_undrawn", "closes_at", postgresql_where=text("drawn_at IS NULL")),
    )

    title: Mapped[str]
    method: Mapped[str]
    slots: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    seed: Mapped[str]
    commitment: Mapped[str]
    drawn_at: Mapped[datetime | None]


class Application(Assisted, Base):
    """The slots that a resident wants, the dearest first; until the round closes, another takes its place."""

    __tablename__ = "round_application"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(OF_ROUND, ["allocation_round.community_code", "allocation_round.id"]),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    category: Mapped[str]
    choices: Mapped[list[int]] = mapped_column(JSONB)
    applied_at: Mapped[datetime]


class Allotment(Base):
    """What an applicant got, if anything, and why; `ticket` is what the seed made of it."""

    __tablename__ = "round_allotment"
    __table_args__ = (
        ForeignKeyConstraint(
            [*OF_ROUND, "resident_id"],
            [f"round_application.{column}" for column in (*OF_ROUND, "resident_id")],
            deferrable=True,
        ),
        Index("uq_round_allotment_slot", *OF_ROUND, "slot", unique=True),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ticket: Mapped[str]
    slot: Mapped[int | None]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class SeasonBooking(Base):
    """The series that an allotment was booked as, or why it could not be."""

    __tablename__ = "round_booking"
    __table_args__ = (
        ForeignKeyConstraint(
            [*OF_ROUND, "resident_id"],
            [f"round_allotment.{column}" for column in (*OF_ROUND, "resident_id")],
            deferrable=True,
        ),
        CheckConstraint("num_nonnulls(series_id, refused_because) = 1", name="booked_or_refused"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    series_id: Mapped[uuid.UUID | None]
    left_out: Mapped[int]
    refused_because: Mapped[str | None]
    booked_at: Mapped[datetime]
