"""What counts towards KPIs, what it comes to by month, and what each contract's KPIs were measured at."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY

NOBODY = uuid.UUID(int=0)
"""Stands for no merchant in a key."""


class KpiEvidence(Base):
    """Something that happened in a community and counts, kept whether or not a contract asks for it yet.

    `source_id` names the redemption, attendance or booking; `merchant_id` is set for a redemption.
    """

    __tablename__ = "kpi_evidence"
    __table_args__ = (
        CheckConstraint("measure IN ('points_redeemed', 'attendances', 'bookings')", name="measure_is_known"),
        CheckConstraint("amount > 0", name="amount_is_positive"),
        CheckConstraint("(measure = 'points_redeemed') = (merchant_id IS NOT NULL)", name="redemptions_have_merchants"),
        Index("ix_kpi_evidence_recompute", "community_code", "measure", "period", "merchant_id"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    period: Mapped[date]
    merchant_id: Mapped[uuid.UUID | None]
    amount: Mapped[int]
    occurred_at: Mapped[datetime]


class KpiTally(Base):
    """The sums of a month's evidence, kept as it comes in; no row means that nothing has been counted."""

    __tablename__ = "kpi_tally"
    __table_args__ = (CheckConstraint("number > 0 AND amount > 0", name="sums_are_positive"),)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    merchant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text(f"'{NOBODY}'"))
    number: Mapped[int]
    amount: Mapped[int]


class KpiResult(Base):
    """What a KPI was measured at for a month, by which version of the contract, from what; the latest counts.

    The value is `numerator` over `denominator`; both are missing when there is no data.
    """

    __tablename__ = "kpi_result"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "contract_id"], ["contract.community_code", "contract.id"]),
        CheckConstraint(
            "num_nulls(numerator, denominator, ratio_bp) IN (0, 3) AND denominator > 0", name="a_value_is_whole"
        ),
        CheckConstraint("extract(day FROM period) = 1", name="period_is_a_month"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger)
    formula: Mapped[str]
    target: Mapped[int]
    inputs: Mapped[dict[str, Any]]
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    ratio_bp: Mapped[int | None]
    measured_at: Mapped[datetime]


class KpiDispute(Base):
    """A dispute about a result, and its answer when there is one: the ratio that both sides go by from then on."""

    __tablename__ = "kpi_dispute"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "contract_id"], ["contract.community_code", "contract.id"]),
        CheckConstraint("(agreed_ratio_bp IS NULL) = (decided_at IS NULL)", name="an_answer_has_its_ratio"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    grounds: Mapped[str]
    filed_at: Mapped[datetime]
    filed_by: Mapped[str]
    agreed_ratio_bp: Mapped[int | None]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
