"""Merchants: a projection of what operations tells of providers."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base


class Merchant(Base):
    """A merchant by its home community; `debarred_from` is when it may no longer take points, if ever."""

    __tablename__ = "merchant"

    merchant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    community_code: Mapped[str | None]
    name: Mapped[str | None]
    debarred_from: Mapped[datetime | None]


class DebarredMerchant(Base):
    """A merchant on the black list from a time on, everywhere (empty) or in an area that its home lies in."""

    __tablename__ = "debarred_merchant"

    merchant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    debarred_from: Mapped[datetime]


class CatalogueItem(Base):
    """A good or service of a merchant: what a piece is worth, and which share of it may be paid in points."""

    __tablename__ = "catalogue_item"
    __table_args__ = (CheckConstraint("worth > 0 AND share_bp BETWEEN 0 AND 10000", name="share_of_worth"),)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    merchant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    worth: Mapped[int]
    share_bp: Mapped[int]
    offered: Mapped[bool]
