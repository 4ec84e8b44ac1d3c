"""Tables: what spaces cost, and payments in points on their way."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import Assisted, assisted_checks


class TariffRow(Base):
    """What a space costs: fen at the desk or, where they are accepted, points instead."""

    __tablename__ = "tariff"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "space_id"], ["space.community_code", "space.id"]),
        CheckConstraint("0 < fen_per_hour AND 0 < fen_cap", name="fen"),
        CheckConstraint("(points_per_hour IS NULL) = (points_cap IS NULL)", name="points_together"),
        CheckConstraint("0 < points_per_hour AND 0 < points_cap", name="points"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    space_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    fen_per_hour: Mapped[int]
    fen_cap: Mapped[int]
    points_per_hour: Mapped[int | None]
    points_cap: Mapped[int | None]
    free_for: Mapped[list[str]] = mapped_column(ARRAY(Text))
    set_by: Mapped[str]


class Payment(Assisted, Base):
    """A booking that is paid in points: how many steps of the saga are done, and whether they are being undone.

    `waiting` while the points service has been asked and has not answered.
    """

    __tablename__ = "payment"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(["community_code", "booking_id"], ["booking.community_code", "booking.id"]),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("done BETWEEN 0 AND 3", name="done"),
        Index("ix_payment_due", "hold_until", postgresql_where=text("NOT waiting AND (done > 0 OR NOT undoing)")),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID]
    points: Mapped[int]
    hold_until: Mapped[datetime]
    done: Mapped[int]
    undoing: Mapped[bool]
    waiting: Mapped[bool]
    reason: Mapped[str | None]
    asked_at: Mapped[datetime]
