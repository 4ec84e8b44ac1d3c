"""Measure a contract's KPIs for a month 计量."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.queries import Sealed, at, hold, sealed_versions
from services.operations.contracts.tables import Contract
from services.operations.kpis.queries import Tallies, results, tallies
from services.operations.kpis.rules import DISPUTE_WITHIN, check_formula, evaluate, month_end, ratio_bp
from services.operations.kpis.tables import KpiResult
from services.operations.terms.rules import KpiTerms


async def measure(session: AsyncSession, contract: Contract, period: date, now: datetime) -> int:
    """Measure the KPIs of the version that holds at the month's end; returns how many results are new.

    A result changes, by a new revision, while it can still be disputed; what is final stays, whatever comes late.
    """
    holds = at(await sealed_versions(session, contract), month_end(period), now)
    if holds is None or not (holds.terms.starts_on <= month_end(period) and period <= holds.terms.ends_on):
        return 0
    await hold(session, contract)
    counted = await tallies(session, holds, period)
    known, new = await results(session, contract, period), 0
    for kpi in holds.terms.kpis:
        row = _result(holds, kpi, period, counted, now)
        before = known.get(kpi.code)
        if before and (now > before.measured_at + DISPUTE_WITHIN or _facts(before) == _facts(row)):
            continue
        row.revision = before.revision + 1 if before else 1
        session.add(row)
        new += 1
    await session.flush()
    return new


def _result(holds: Sealed, kpi: KpiTerms, period: date, counted: Tallies, now: datetime) -> KpiResult:
    value = evaluate(kpi.formula, counted)
    return KpiResult(
        community_code=holds.contract.community_code,
        contract_id=holds.contract.id,
        period=period,
        code=kpi.code,
        version=holds.version,
        formula=kpi.formula,
        target=kpi.target,
        inputs={name: counted[name] for name in sorted(check_formula(kpi.formula))},
        numerator=value.numerator if value is not None else None,
        denominator=value.denominator if value is not None else None,
        ratio_bp=ratio_bp(value, kpi.target),
        measured_at=now,
    )


def _facts(row: KpiResult) -> tuple[object, ...]:
    return row.formula, row.target, row.inputs
