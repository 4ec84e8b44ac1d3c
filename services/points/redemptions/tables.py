"""Redemptions."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class Redemption(Base):
    """A purchase that was paid in points; kept with the merchant's community."""

    __tablename__ = "redemption"
    __table_args__ = (
        CheckConstraint("price > 0 AND paid >= price", name="discount_never_gains"),
        Index("ix_redemption_merchant", "community_code", "merchant_id", "redemption_id"),
        Index("ix_redemption_id", "redemption_id"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    redemption_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    merchant_id: Mapped[uuid.UUID]
    resident_id: Mapped[uuid.UUID]
    payer_community: Mapped[str]
    price: Mapped[int]
    paid: Mapped[int]
    discount_bp: Mapped[int]
    quote_id: Mapped[uuid.UUID]
    captured_at: Mapped[datetime]
