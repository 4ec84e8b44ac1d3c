"""Tables: plans, emergencies, what they changed, and what is to be done."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base, Published

EMERGENCY = ["emergency.community_code", "emergency.id"]


class EmergencyPlan(Published, Base):
    """A plan: which spaces are taken over, which are kept, where bookings go, whom to visit, what to bring."""

    __tablename__ = "emergency_plan"
    __table_args__ = (
        CheckConstraint("approved_by <> published_by", name="approved_by_another"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
        Index("ix_emergency_plan_id", "id"),
    )

    name: Mapped[str]
    takeover: Mapped[list[str]] = mapped_column(JSONB)
    essential: Mapped[list[str]] = mapped_column(JSONB)
    refuges: Mapped[list[str]] = mapped_column(JSONB)
    care: Mapped[list[str]] = mapped_column(JSONB)
    supplies: Mapped[dict[str, Any]]
    broadcast: Mapped[str]
    compensation: Mapped[str]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]


class Emergency(Base):
    """A plan in force until it ends, at most once at a time."""

    __tablename__ = "emergency"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "plan_id"], ["emergency_plan.community_code", "emergency_plan.id"]),
        CheckConstraint("until > declared_at", name="times"),
        Index(
            "uq_emergency_in_force",
            "community_code",
            "plan_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_emergency_id", "id"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    plan_id: Mapped[uuid.UUID]
    reason: Mapped[str]
    declared_by: Mapped[str]
    declared_at: Mapped[datetime]
    until: Mapped[datetime]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class EmergencyChange(Base):
    """What an emergency did to a booking, why, with what compensation, and whether it was undone."""

    __tablename__ = "emergency_change"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "emergency_id"], EMERGENCY),
        ForeignKeyConstraint(["community_code", "booking_id"], ["booking.community_code", "booking.id"]),
        CheckConstraint("change IN ('moved', 'cancelled')", name="change_known"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    emergency_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    booking_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    change: Mapped[str]
    from_space_id: Mapped[uuid.UUID]
    to_space_id: Mapped[uuid.UUID | None]
    state_before: Mapped[str]
    reason: Mapped[str]
    compensation: Mapped[str]
    undone_at: Mapped[datetime | None]


class EmergencyTask(Base):
    """A care visit or supplies, to be done by a time."""

    __tablename__ = "emergency_task"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "emergency_id"], EMERGENCY),
        CheckConstraint("kind IN ('care-visit', 'supplies')", name="kind_known"),
        Index("ix_emergency_task_id", "id"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    emergency_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    subject: Mapped[str]
    quantity: Mapped[int]
    due_at: Mapped[datetime]
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
