"""Corridors by version, and quotes."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base


class Corridor(Base):
    """What two communities agreed: the discount at which points of the first are spent in the second."""

    __tablename__ = "corridor"
    __table_args__ = (
        CheckConstraint("discount_bp >= 0 AND discount_bp < 10000", name="discount_within"),
        CheckConstraint("community_code <> to_community", name="two_communities"),
        CheckConstraint("agreed_by <> proposed_by", name="two_persons"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    to_community: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    discount_bp: Mapped[int]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    agreed_by: Mapped[str | None]
    agreed_at: Mapped[datetime | None]


class Quote(Base):
    """What a purchase would cost a resident, held until it expires."""

    __tablename__ = "quote"
    __table_args__ = (
        CheckConstraint("price > 0 AND paid >= price", name="discount_never_gains"),
        Index("ix_quote_resident", "resident_id", "quote_id"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    quote_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    resident_id: Mapped[uuid.UUID]
    merchant_id: Mapped[uuid.UUID]
    merchant_community: Mapped[str]
    price: Mapped[int]
    paid: Mapped[int]
    discount_bp: Mapped[int]
    corridor_version: Mapped[int | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
