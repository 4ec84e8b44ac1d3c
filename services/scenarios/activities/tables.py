"""Tables: activities and who signed up."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Assisted, Base, Published, assisted_checks
from shared.database import APPEND_ONLY


class Activity(Published, Base):
    """An activity with seats; `code` is shown on the spot, and lets a resident check itself in and out."""

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="times"),
        CheckConstraint("seats_taken BETWEEN 0 AND capacity", name="never_oversold"),
        Index("ix_activity_id", "id"),
    )

    kind: Mapped[str]
    title: Mapped[str]
    capacity: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(server_default="0")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    code: Mapped[str]


class SignUp(Assisted, Base):
    """A resident's seat in an activity, one at most."""

    __tablename__ = "sign_up"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(["community_code", "activity_id"], ["activity.community_code", "activity.id"]),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    activity_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"))
    signed_up_at: Mapped[datetime] = mapped_column(server_default=func.now())
