"""Tables: closures."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped

from services.scenarios.base import Base, Published


class Closure(Published, Base):
    """A space, and all that shares a unit with it, out of use for a period."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period"),
        ForeignKeyConstraint(["community_code", "space_id"], ["space.community_code", "space.id"]),
        Index("ix_closure_space", "community_code", "space_id"),
    )

    space_id: Mapped[uuid.UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    lifted_at: Mapped[datetime | None]
