"""Tables: spaces."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base, Published


class Space(Published, Base):
    """A space that can be booked: one atomic unit 最小单元 or several, which it may share with other spaces."""

    __tablename__ = "space"
    __table_args__ = (
        CheckConstraint("slot_minutes > 0 AND buffer_minutes >= 0", name="minutes"),
        CheckConstraint("cardinality(unit_ids) > 0", name="has_units"),
        CheckConstraint("longest_minutes >= slot_minutes AND longest_minutes % slot_minutes = 0", name="longest"),
        Index("ix_space_id", "id"),
    )

    name: Mapped[str]
    opening_hours: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    slot_minutes: Mapped[int]
    buffer_minutes: Mapped[int]
    longest_minutes: Mapped[int]
    unit_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    retired_at: Mapped[datetime | None]
    suspended_from: Mapped[datetime | None]  # since when who runs it is on the black list, if at all
    holiday_hours: Mapped[list[list[int]] | None] = mapped_column(JSONB(none_as_null=True))
    make_up_workday_hours: Mapped[list[list[int]] | None] = mapped_column(JSONB(none_as_null=True))
    approval_required: Mapped[bool] = mapped_column(server_default="false")
    laid_out_until: Mapped[date]
