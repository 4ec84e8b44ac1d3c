"""Tenders, bids, declarations of interest, sealed ballots and awards."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from services.operations.base import Base
from shared.database import APPEND_ONLY

_OF_TENDER = (["community_code", "tender_id"], ["tender.community_code", "tender.id"])


class Tender(Base):
    """What is asked for, until when, and how bids are weighed (criterion → basis points)."""

    __tablename__ = "tender"
    __table_args__ = (CheckConstraint("budget_fen > 0", name="budget_is_positive"), {"info": APPEND_ONLY})

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True, server_default=text("uuidv7()"))
    title: Mapped[str]
    scene: Mapped[str]
    licences: Mapped[list[str]] = mapped_column(ARRAY(Text))
    budget_fen: Mapped[int]
    criteria: Mapped[dict[str, Any]]
    bids_until: Mapped[datetime]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]


class TenderBid(Base):
    """A provider's bid, in fen."""

    __tablename__ = "tender_bid"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_TENDER),
        CheckConstraint("price_fen > 0", name="price_is_positive"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    price_fen: Mapped[int]
    proposal: Mapped[str]
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str]


class TenderBallot(Base):
    """An evaluator: its declared interests, what it sealed, and what it opened."""

    __tablename__ = "tender_ballot"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_TENDER),
        CheckConstraint("scores IS NULL OR commitment IS NOT NULL", name="sealed_before_it_is_opened"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    evaluator: Mapped[str] = mapped_column(primary_key=True)
    interests: Mapped[list[str]] = mapped_column(ARRAY(Text))
    declared_at: Mapped[datetime]
    commitment: Mapped[str | None]
    sealed_at: Mapped[datetime | None]
    scores: Mapped[dict[str, Any] | None]
    opened_at: Mapped[datetime | None]


class TenderAward(Base):
    """Who won, with how many points."""

    __tablename__ = "tender_award"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "tender_id", "provider_id"],
            ["tender_bid.community_code", "tender_bid.tender_id", "tender_bid.provider_id"],
        ),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[uuid.UUID]
    points: Mapped[int]
    awarded_at: Mapped[datetime]
    awarded_by: Mapped[str]
