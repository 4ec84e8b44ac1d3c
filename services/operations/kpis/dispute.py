"""Dispute a result 异议, and answer a dispute."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.tables import Contract
from services.operations.kpis.queries import results
from services.operations.kpis.rules import (
    DISPUTE_WITHIN,
    DisputeUnseen,
    DisputeWindowClosed,
    KpiUnseen,
    check_disputable,
)
from services.operations.kpis.tables import KpiDispute


@dataclass(frozen=True, slots=True)
class Dispute:
    """Who disputes which result, and why."""

    period: date
    code: str
    grounds: str
    by: str
    now: datetime


async def dispute(session: AsyncSession, contract: Contract, command: Dispute) -> None:
    """Take in a dispute; the result is not final until it is answered.

    Raises:
        KpiUnseen: There is no such result.
        DisputeWindowClosed: It is final, or disputed already.
    """
    result = (await results(session, contract, command.period)).get(command.code)
    if result is None:
        raise KpiUnseen(code=command.code)
    check_disputable(result.measured_at, command.now)
    filed = await session.scalar(
        insert(KpiDispute)
        .values(
            community_code=contract.community_code,
            contract_id=contract.id,
            period=command.period,
            code=command.code,
            grounds=command.grounds,
            filed_at=command.now,
            filed_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(KpiDispute.code)
    )
    if filed is None:
        raise DisputeWindowClosed(until=(result.measured_at + DISPUTE_WITHIN).isoformat())


@dataclass(frozen=True, slots=True)
class DisputeAnswer:
    """The ratio, in basis points, that both sides go by from now on, and why."""

    period: date
    code: str
    agreed_ratio_bp: int
    reason: str
    by: str
    now: datetime


async def answer_dispute(session: AsyncSession, contract: Contract, command: DisputeAnswer) -> None:
    """Answer a dispute.

    Raises:
        DisputeUnseen: None waits.
    """
    waiting = await session.scalar(
        select(KpiDispute)
        .where(
            KpiDispute.community_code == contract.community_code,
            KpiDispute.contract_id == contract.id,
            KpiDispute.period == command.period,
            KpiDispute.code == command.code,
            KpiDispute.decided_at.is_(None),
        )
        .with_for_update()
    )
    if waiting is None:
        raise DisputeUnseen(code=command.code)
    waiting.agreed_ratio_bp, waiting.reason = command.agreed_ratio_bp, command.reason
    waiting.decided_at, waiting.decided_by = command.now, command.by
    await session.flush()
