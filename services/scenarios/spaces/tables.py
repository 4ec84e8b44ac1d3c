"""Tables: spaces."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from services.scenarios.communities.tables import Published


class Space(Published, Base):
    """A space that can be booked. It is one atomic unit 最小单元 and carries the unit's claims.

    `suspended_from` is since when who runs it is on the black list, if at all.
    """

    __tablename__ = "space"
    __table_args__ = (
        CheckConstraint("slot_minutes > 0 AND buffer_minutes >= 0", name="minutes"),
        CheckConstraint("longest_minutes >= slot_minutes AND longest_minutes % slot_minutes = 0", name="longest"),
        Index("ix_space_id", "id"),
    )

    name: Mapped[str]
    opening_hours: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    slot_minutes: Mapped[int]
    buffer_minutes: Mapped[int]
    longest_minutes: Mapped[int]
    suspended_from: Mapped[datetime | None]
