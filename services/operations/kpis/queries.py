"""Reads of KPIs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.queries import Sealed
from services.operations.contracts.tables import Contract
from services.operations.kpis.rules import DISPUTE_WITHIN, KpiUnseen, deduct_bp, evaluate, ratio_bp
from services.operations.kpis.tables import KpiDispute, KpiEvidence, KpiResult, KpiTally
from services.operations.providers.tables import Provider
from services.operations.terms.rules import KpiTerms

Tallies = dict[str, int | None]


async def tallies(session: AsyncSession, holds: Sealed, period: date) -> Tallies:
    """Return a month's sums by variable, as they were kept while the events came in."""
    merchant = await _merchant(session, holds)
    rows = select(KpiTally.measure, func.sum(KpiTally.number), func.sum(KpiTally.amount)).where(
        KpiTally.community_code == holds.contract.community_code, KpiTally.period == period
    )
    if merchant:
        rows = rows.where((KpiTally.measure != "points_redeemed") | (KpiTally.merchant_id == merchant))
    return _by_variable(list(await session.execute(rows.group_by(KpiTally.measure))))


async def recount(session: AsyncSession, holds: Sealed, period: date) -> Tallies:
    """Return the same sums from the evidence itself."""
    merchant = await _merchant(session, holds)
    rows = select(KpiEvidence.measure, func.count(), func.sum(KpiEvidence.amount)).where(
        KpiEvidence.community_code == holds.contract.community_code, KpiEvidence.period == period
    )
    if merchant:
        rows = rows.where((KpiEvidence.measure != "points_redeemed") | (KpiEvidence.merchant_id == merchant))
    return _by_variable(list(await session.execute(rows.group_by(KpiEvidence.measure))))


def _by_variable(rows: Sequence[tuple[str, int, int]]) -> Tallies:
    counted = {measure: (int(number), int(amount)) for measure, number, amount in rows}
    numbers = {measure: number for measure, (number, _) in counted.items()}
    redeemed = counted.get("points_redeemed")
    return {
        "attendances": numbers.get("attendances"),
        "bookings": numbers.get("bookings"),
        "redemptions": redeemed[0] if redeemed else None,
        "points_redeemed": redeemed[1] if redeemed else None,
    }


async def _merchant(session: AsyncSession, holds: Sealed) -> uuid.UUID | None:
    """Return whose redemptions count: a merchant's own; with an operator, all in the community it runs (None)."""
    merchants = await session.scalars(
        select(Provider.id).where(Provider.id.in_(holds.terms.provider_ids), Provider.kind == "merchant")
    )
    found = merchants.all()
    return found[0] if len(found) == len(holds.terms.provider_ids) == 1 else None


def ratio_of(kpi: KpiTerms, counted: Tallies) -> int | None:
    """Return how far a KPI is met, in basis points."""
    return ratio_bp(evaluate(kpi.formula, counted), kpi.target)


async def results(session: AsyncSession, contract: Contract, period: date) -> dict[str, KpiResult]:
    """Return the latest result of each KPI for a month."""
    rows = await session.scalars(
        select(KpiResult)
        .where(
            KpiResult.community_code == contract.community_code,
            KpiResult.contract_id == contract.id,
            KpiResult.period == period,
        )
        .order_by(KpiResult.revision)
    )
    return {row.code: row for row in rows}


async def disputes(session: AsyncSession, contract: Contract, period: date) -> dict[str, KpiDispute]:
    """Return the disputes about a month's results."""
    rows = await session.scalars(
        select(KpiDispute).where(
            KpiDispute.community_code == contract.community_code,
            KpiDispute.contract_id == contract.id,
            KpiDispute.period == period,
        )
    )
    return {row.code: row for row in rows}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a KPI comes to in the end.

    Attributes:
        ratio: In basis points; None when nobody knows.
        final: Whether it can still change.
        deduct: What is taken off the month's fees, in basis points; None when nobody knows.
    """

    kpi: KpiTerms
    ratio: int | None
    final: bool
    deduct: int | None


async def verdicts(session: AsyncSession, holds: Sealed, period: date, now: datetime) -> list[Verdict]:
    """Return what each KPI of a month comes to.

    Raises:
        KpiUnseen: One has not been measured.
    """
    measured = await results(session, holds.contract, period)
    disputed = await disputes(session, holds.contract, period)
    lines = []
    for kpi in holds.terms.kpis:
        if kpi.code not in measured:
            raise KpiUnseen(code=kpi.code)
        result, dispute = measured[kpi.code], disputed.get(kpi.code)
        decided = dispute is not None and dispute.decided_at is not None
        ratio = dispute.agreed_ratio_bp if dispute and decided else result.ratio_bp
        final = decided or (dispute is None and now > result.measured_at + DISPUTE_WITHIN)
        lines.append(Verdict(kpi, ratio, final, deduct_bp(ratio, kpi.abatements)))
    return lines


async def average_ratio(session: AsyncSession, contract: Contract) -> int | None:
    """Return how far a contract's KPIs were met on average over all months, each at most fully; None without data.

    What was agreed on when a dispute was answered counts instead of what was measured.
    """
    measured = await session.execute(
        select(KpiResult.period, KpiResult.code, KpiResult.ratio_bp)
        .where(KpiResult.community_code == contract.community_code, KpiResult.contract_id == contract.id)
        .order_by(KpiResult.revision)
    )
    agreed = await session.execute(
        select(KpiDispute.period, KpiDispute.code, KpiDispute.agreed_ratio_bp).where(
            KpiDispute.community_code == contract.community_code,
            KpiDispute.contract_id == contract.id,
            KpiDispute.decided_at.is_not(None),
        )
    )
    latest = {(period, code): ratio for period, code, ratio in (*measured, *agreed)}
    known = [min(ratio, 10_000) for ratio in latest.values() if ratio is not None]
    return sum(known) // len(known) if known else None
