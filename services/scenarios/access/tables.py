"""Tables: door codes and entries."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import APPEND_ONLY


class AccessGrant(Base):
    """The door code of a booking; whether it opens is the booking's to say, by its state and times."""

    __tablename__ = "access_grant"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{6}$'", name="code"),
        ForeignKeyConstraint(["community_code", "booking_id"], ["booking.community_code", "booking.id"]),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    granted_at: Mapped[datetime]


class Entry(Base):
    """A door opened with a booking's code."""

    __tablename__ = "access_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "booking_id"], ["access_grant.community_code", "access_grant.booking_id"]
        ),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    booking_id: Mapped[uuid.UUID]
    opened_by: Mapped[str]
    entered_at: Mapped[datetime]
