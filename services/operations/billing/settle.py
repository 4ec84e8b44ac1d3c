"""Settle a period 结算: match the invoice, take off what KPIs cost, keep back the retention."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.billing.queries import Bill, delivery, is_released, require_bill
from services.operations.billing.rules import (
    WHOLE_BP,
    AlreadyRecorded,
    KpiUndecided,
    Payment,
    check_match,
    months_of,
    payment,
    share_fen,
)
from services.operations.billing.tables import Settlement
from services.operations.contracts.queries import hold
from services.operations.contracts.tables import Contract
from services.operations.kpis.queries import verdicts


@dataclass(frozen=True, slots=True)
class Invoice:
    """A provider's invoice 发票 over a period, in fen."""

    line_no: int
    seq: int
    number: str
    amount_fen: int
    by: str
    now: datetime


async def settle(session: AsyncSession, contract: Contract, command: Invoice) -> Payment:
    """Settle a period; once the retention is released, nothing is kept back any more.

    Raises:
        LineUnseen: There is no such period, or it has not ended.
        NotMatched: Contract, delivery and invoice do not agree.
        KpiUnseen: A KPI of a month in the period has not been measured.
        KpiUndecided: Its result is not final, or has no data.
        AlreadyRecorded: The period, or this invoice, is settled.
    """
    await hold(session, contract)
    bill = await require_bill(session, contract, command.line_no, command.seq, command.now)
    verified = await delivery(session, contract, command.line_no, command.seq)
    delivered = share_fen(bill.due_fen, verified.delivered_bp, WHOLE_BP) if verified else None
    check_match(bill.due_fen, delivered, command.amount_fen)
    retention_bp = 0 if await is_released(session, contract) else bill.fee.retention_bp
    paid = payment(command.amount_fen, await _deductions(session, bill, command.now), retention_bp)
    settled = await session.scalar(
        insert(Settlement)
        .values(
            community_code=contract.community_code,
            contract_id=contract.id,
            line_no=command.line_no,
            seq=command.seq,
            version=bill.holds.version,
            first=bill.period.first,
            last=bill.period.last,
            invoice_number=command.number,
            due_fen=bill.due_fen,
            **{f"{name}_fen": fen for name, fen in asdict(paid).items()},
            settled_at=command.now,
            settled_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(Settlement.seq)
    )
    if settled is None:
        raise AlreadyRecorded(what="结算 settlement", line_no=command.line_no, seq=command.seq)
    return paid


async def _deductions(session: AsyncSession, bill: Bill, now: datetime) -> list[int]:
    """Return what is taken off for each month, in basis points of its part of the fee."""
    months = []
    for month in months_of(bill.period) if bill.holds.terms.kpis else ():
        taken = 0
        for verdict in await verdicts(session, bill.holds, month, now):
            if verdict.deduct is None or (verdict.kpi.abatements and not verdict.final):
                raise KpiUndecided(code=verdict.kpi.code, month=f"{month:%Y-%m}")
            taken += verdict.deduct
        months.append(taken)
    return months
