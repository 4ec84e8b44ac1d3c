"""What merchants are owed."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


class Receivable(Base):
    """What a merchant is owed for one redemption, in points of its own community; negative: what it gave back.

    A refund has a row of its own, under an id that follows from what it refunds: the next payment nets it, whether or
    not the redemption was paid for before.
    """

    __tablename__ = "receivable"
    __table_args__ = (
        CheckConstraint("points <> 0 AND (refund_of IS NULL) = (points > 0)", name="refunds_are_negative"),
        Index("ix_receivable_merchant", "community_code", "merchant_id", "captured_at", "redemption_id"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    redemption_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    merchant_id: Mapped[uuid.UUID]
    points: Mapped[int]
    captured_at: Mapped[datetime]
    refund_of: Mapped[uuid.UUID | None]
