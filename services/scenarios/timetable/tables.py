"""Tables: the windows within which spaces can be booked."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base


class Window(Base):
    """A period within which a space can be booked for a function, by the rules and the calendar as they are now.

    It is derived, and laid out anew whenever what it derives from changes. Slots count from `grid_from`, the moment of
    opening, wherever a closure has cut the window.
    """

    __tablename__ = "bookable_window"
    __table_args__ = (
        CheckConstraint("grid_from <= starts_at AND starts_at < ends_at", name="period"),
        ForeignKeyConstraint(["community_code", "space_id"], ["space.community_code", "space.id"]),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    space_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    function: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]
    grid_from: Mapped[datetime]
