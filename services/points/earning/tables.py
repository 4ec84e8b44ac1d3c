"""Earning rules by version, and the deeds that earned by them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from services.points.earning.rules import FORMULA
from shared.database import APPEND_ONLY


class EarningRule(Base):
    """What an activity earns in a community, from a time on; a new version never changes what was earned before."""

    __tablename__ = "earning_rule"
    __table_args__ = (
        CheckConstraint("points > 0 AND per_quantity > 0 AND points_max_per_deed > 0", name="earns_something"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    activity: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    asset_class: Mapped[str]
    points: Mapped[int]
    per_quantity: Mapped[int]
    points_max_per_deed: Mapped[int]
    formula: Mapped[str] = mapped_column(server_default=FORMULA)
    evidence_required: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    needs_verification: Mapped[bool] = mapped_column(server_default="false")
    points_max_per_day: Mapped[int | None]
    points_max_per_month: Mapped[int | None]
    points_max_in_life: Mapped[int | None]
    valid_months: Mapped[int]
    effective_from: Mapped[datetime]
    published_by: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Deed(Base):
    """A good deed with its evidence, and what it earned. `registered_by` is who says so, where that is known."""

    __tablename__ = "deed"
    __table_args__ = (
        Index("ix_deed_resident", "resident_id", "occurred_at"),
        Index("ix_deed_time", "community_code", "occurred_at"),
        {"info": {"grants": "SELECT, INSERT, UPDATE (evidence)"}},  # evidence is erased when its resident is
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    activity: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID]
    quantity: Mapped[int]
    evidence: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]
    rule_version: Mapped[int]
    points: Mapped[int]
    asset_class: Mapped[str] = mapped_column(server_default="service")
    registered_by: Mapped[str | None]
    transfer_id: Mapped[uuid.UUID]


class PendingDeed(Base):
    """A deed whose points wait until somebody else than who registered it has verified it 待核; it is decided once."""

    __tablename__ = "pending_deed"
    __table_args__ = (
        CheckConstraint("verified_by <> registered_by", name="two_persons"),
        CheckConstraint("(verified_by IS NULL) = (accepted IS NULL)", name="decided"),
        Index("ix_pending_deed_resident", "resident_id"),
        {"info": {"grants": "SELECT, INSERT, UPDATE (evidence, verified_by, verified_at, accepted, remark)"}},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    activity: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID]
    quantity: Mapped[int]
    evidence: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]
    rule_version: Mapped[int]
    points: Mapped[int]
    registered_by: Mapped[str | None]
    registered_at: Mapped[datetime]
    verified_by: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]
    remark: Mapped[str | None]
