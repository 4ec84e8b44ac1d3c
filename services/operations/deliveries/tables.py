"""Deliveries of a service, and what each source gave to them."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


class ServiceDelivery(Base):
    """A service that was delivered on a day, to so many."""

    __tablename__ = "service_delivery"
    __table_args__ = (
        CheckConstraint("served > 0", name="served_is_positive"),
        Index("ix_service_delivery_day", "community_code", "delivered_on"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    service: Mapped[str]
    delivered_on: Mapped[date]
    served: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class DeliveryPart(Base):
    """What municipality, market or volunteers gave; one piece of evidence counts once in a community."""

    __tablename__ = "service_delivery_part"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "delivery_id"], [ServiceDelivery.community_code, ServiceDelivery.id]),
        UniqueConstraint("community_code", "source", "evidence"),
        CheckConstraint("source IN ('municipal', 'market', 'volunteer')", name="source_is_known"),
        CheckConstraint("quarter_hours > 0 AND cost_fen >= 0", name="amounts_are_counts"),
        CheckConstraint("source <> 'volunteer' OR cost_fen = 0", name="volunteers_are_not_paid"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    delivery_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    source: Mapped[str]
    party: Mapped[str]
    quarter_hours: Mapped[int]
    cost_fen: Mapped[int]
    evidence: Mapped[str]
