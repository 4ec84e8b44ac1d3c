"""Tables: what use is measured against, visits, roll-ups by month, and iteration cases."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import APPEND_ONLY

SPACE = ["space.community_code", "space.id"]
OF_SPACE = ["community_code", "space_id"]


class UseProfile(Base):
    """What a space's use is measured against, and whether it was low when it was last looked at."""

    __tablename__ = "use_profile"
    __table_args__ = (
        ForeignKeyConstraint(OF_SPACE, SPACE),
        CheckConstraint("mode IN ('booked', 'walk-in')", name="mode_known"),
        CheckConstraint("capacity > 0 AND households > 0 AND annual_cost_fen >= 0", name="amounts"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    space_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    mode: Mapped[str]
    capacity: Mapped[int]
    households: Mapped[int]
    annual_cost_fen: Mapped[int]
    low_since: Mapped[datetime | None]
    set_by: Mapped[str]


class Visit(Base):
    """People came to a space: by themselves, or to a booking; counted by a device or at the desk."""

    __tablename__ = "visit"
    __table_args__ = (
        ForeignKeyConstraint(OF_SPACE, SPACE),
        CheckConstraint("people > 0", name="somebody"),
        Index("ix_visit_use", "community_code", "space_id", "visited_at"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    space_id: Mapped[uuid.UUID]
    booking_id: Mapped[uuid.UUID | None]
    resident_id: Mapped[uuid.UUID | None]
    people: Mapped[int]
    visited_at: Mapped[datetime]
    noted_by: Mapped[str]


class UtilisationMonth(Base):
    """A space's use in a month of China's calendar, kept so that a year of a district is read at once."""

    __tablename__ = "utilisation_month"
    __table_args__ = (
        ForeignKeyConstraint(OF_SPACE, SPACE),
        CheckConstraint("used >= 0 AND bookable >= 0 AND uses >= 0 AND users >= 0", name="amounts"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    space_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    mode: Mapped[str]
    used: Mapped[int]
    bookable: Mapped[int]
    uses: Mapped[int]
    users: Mapped[int]
    by_function: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    rolled_up_at: Mapped[datetime]


class IterationCase(Base):
    """A space that was used too little, on its way to a decision; at most one open case per space."""

    __tablename__ = "iteration_case"
    __table_args__ = (
        ForeignKeyConstraint(OF_SPACE, SPACE),
        CheckConstraint(
            "stage IN ('diagnose', 'propose', 'consult', 'trial', 'measure', 'closed')", name="stage_known"
        ),
        CheckConstraint(
            "stage <> 'closed' OR (decision IS NOT NULL AND second IS NOT NULL AND measured_at > trial_started_at)",
            name="closed_only_when_measured_again",
        ),
        Index(
            "uq_iteration_case_open", "community_code", "space_id", unique=True,
            postgresql_where=text("stage <> 'closed'"),
        ),
        Index("ix_iteration_case_id", "id"),
    )  # fmt: skip

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    space_id: Mapped[uuid.UUID]
    stage: Mapped[str] = mapped_column(server_default="diagnose")
    opened_at: Mapped[datetime]
    baseline: Mapped[dict[str, Any]]
    trial_started_at: Mapped[datetime | None]
    measured_at: Mapped[datetime | None]
    second: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    decision: Mapped[str | None]


class IterationStep(Base):
    """What was found, proposed, heard or done at a stage of a case, with its evidence."""

    __tablename__ = "iteration_step"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "case_id"], ["iteration_case.community_code", "iteration_case.id"]),
        Index("ix_iteration_step_case", "community_code", "case_id", "id"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    case_id: Mapped[uuid.UUID]
    stage: Mapped[str]
    note: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    given_by: Mapped[str]
    given_at: Mapped[datetime]
