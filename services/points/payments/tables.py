"""Payments at tills, and the codes that were used up."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class Payment(Base):
    """What a merchant was promised for a purchase, what it took of that and gave back; with the merchant's community.

    `price` is in the merchant's points, `paid` in those of the payer's community; the points are held under its id.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("price > 0 AND paid >= price", name="discount_never_gains"),
        CheckConstraint("captured BETWEEN 0 AND price", name="captured_within"),
        CheckConstraint("refunded BETWEEN 0 AND captured", name="refunded_within"),
        CheckConstraint("state IN ('authorised', 'captured', 'voided')", name="state_known"),
        CheckConstraint("(state = 'captured') = (captured > 0)", name="captured_some"),
        Index("ix_payment_id", "payment_id"),
        Index("ix_payment_open", "payer_community", "expires_at", postgresql_where=text("state = 'authorised'")),
        {
            "info": {
                "grants": "SELECT, INSERT, UPDATE (state, captured, refunded, captured_at, redemption_id)",
            }
        },
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    merchant_id: Mapped[uuid.UUID]
    resident_id: Mapped[uuid.UUID]
    payer_community: Mapped[str]
    price: Mapped[int]
    paid: Mapped[int]
    rate_bp: Mapped[int]
    discount_bp: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="authorised", default="authorised")
    captured: Mapped[int] = mapped_column(server_default="0", default=0)
    refunded: Mapped[int] = mapped_column(server_default="0", default=0)
    authorised_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    captured_at: Mapped[datetime | None]
    redemption_id: Mapped[uuid.UUID | None]


class UsedCode(Base):
    """A resident's code that has been used: it is good for one payment."""

    __tablename__ = "used_code"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    code_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    used_at: Mapped[datetime]
