"""What counts towards KPIs, and where each contract's KPI stands."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.contracts.tables import Contract
from shared.database import APPEND_ONLY


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


class KpiMeasurement(Base):
    """Where a contract's KPI stands; no row means that nothing has been counted."""

    __tablename__ = "kpi_measurement"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "contract_id"], [Contract.community_code, Contract.id]),
        CheckConstraint("measured > 0", name="measured_is_positive"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    measured: Mapped[int]
