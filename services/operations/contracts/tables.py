"""Sealed contracts."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


class Contract(Base):
    """A contract between a community and a provider for one month, with one KPI; never changed.

    `merchant_id` is whose redemptions count, when only one merchant's do.
    """

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint("measure IN ('points_redeemed', 'attendances', 'bookings')", name="measure_is_known"),
        CheckConstraint("target > 0", name="target_is_positive"),
        CheckConstraint("extract(day FROM period) = 1", name="period_is_a_month"),
        CheckConstraint(
            "merchant_id IS NULL OR merchant_id = provider_id AND measure = 'points_redeemed'",
            name="merchant_counts_its_own",
        ),
        UniqueConstraint("community_code", "provider_id", "period", "measure"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True, server_default=text("uuidv7()"))
    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("provider.id"))
    period: Mapped[date]
    measure: Mapped[str]
    target: Mapped[int]
    merchant_id: Mapped[uuid.UUID | None]
    sealed_at: Mapped[datetime]
    sealed_by: Mapped[str]
    seal: Mapped[str]
