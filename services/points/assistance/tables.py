"""What the desk did for residents."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import Assisted, assisted_checks


class AssistedAct(Assisted, Base):
    """One command that the desk gave for a resident: what was asked, what left the resident, and what was left.

    The consent is what an erasure empties; nothing else of it changes.
    """

    __tablename__ = "assisted_act"
    __table_args__ = (
        *assisted_checks(),
        CheckConstraint("channel NOT IN ('app', 'web', 'kiosk')", name="by_the_desk"),
        CheckConstraint("points >= 0", name="takes_no_less_than_nothing"),
        Index("ix_assisted_act_id", "act_id"),
        Index("ix_assisted_act_resident", "resident_id", "acted_at"),
        Index("ix_assisted_act_clerk", "given_by", "acted_at"),
        {"info": {"grants": "SELECT, INSERT, UPDATE (consent)"}},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    act_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    resident_id: Mapped[uuid.UUID]
    asked: Mapped[dict[str, Any]]
    points: Mapped[int]
    left: Mapped[int]
    reference: Mapped[str]
    acted_at: Mapped[datetime]
