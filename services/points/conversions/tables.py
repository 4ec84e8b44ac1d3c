"""Conversion rules by version, and what was converted."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class ConversionRule(Base):
    """A version of a community's rule; in force once somebody else agreed."""

    __tablename__ = "conversion_rule"
    __table_args__ = (
        CheckConstraint(
            "per_quarters > 0 AND points > 0 AND quarters_max_per_month > 0 AND valid_months > 0",
            name="gives_something",
        ),
        CheckConstraint("(agreed_by IS NULL) = (agreed_at IS NULL)", name="an_agreement_is_whole"),
        CheckConstraint("agreed_by <> proposed_by", name="two_persons"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    per_quarters: Mapped[int]
    points: Mapped[int]
    quarters_max_per_month: Mapped[int]
    valid_months: Mapped[int]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    agreed_by: Mapped[str | None]
    agreed_at: Mapped[datetime | None]


class Conversion(Base):
    """Hours that became points: both are positive, so none ever became hours."""

    __tablename__ = "conversion"
    __table_args__ = (
        CheckConstraint("quarters > 0 AND points > 0", name="hours_become_points"),
        Index("ix_conversion_month", "community_code", "resident_id", "month"),
        Index("ix_conversion_resident", "resident_id", "converted_at"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    conversion_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    resident_id: Mapped[uuid.UUID]
    month: Mapped[date]
    rule_version: Mapped[int]
    quarters: Mapped[int]
    points: Mapped[int]
    converted_at: Mapped[datetime]
