"""Approve a payment; the last approval that is needed moves the money from the pot to what is owed to the payee."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.fund import queries
from services.operations.fund.move import Movement, move
from services.operations.fund.rules import TIERS
from services.operations.fund.tables import FundAccount
from services.operations.payments import queries as payments
from services.operations.payments.rules import OwnApproval, PaymentStepRefused, check_approval, levels_for
from services.operations.payments.tables import FundApproval, FundPayment


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approves which payment; `level` is the number of digits of the widest area they are an official of."""

    community_code: str
    payment_id: uuid.UUID
    level: int
    by: str
    now: datetime


async def approve(session: AsyncSession, command: Approval) -> FundPayment:
    """Approve a payment.

    Raises:
        FundUnseen: The community has no fund.
        PaymentUnseen: There is no such payment.
        PaymentStepRefused: It is not waiting for approval.
        OwnApproval: The approver asked for it.
        ApprovalNotNeeded: The approver approved already, or stands too low for the amount.
        PotOverdrawn: The pot has not so much.
    """
    fund = await queries.hold(session, command.community_code)
    payment = await payments.payment(session, command.community_code, command.payment_id)
    if payment.state != "requested":
        raise PaymentStepRefused(state=payment.state, wanted="requested")
    if payment.requested_by == command.by:
        raise OwnApproval
    given = {one.approved_by: one.level for one in await payments.approvals(session, payment)}
    needed = levels_for(payment.amount_fen, TIERS.validate_python(fund.approval_tiers))
    last = check_approval(payment.amount_fen, needed, given, command.by, command.level)
    session.add(
        FundApproval(
            community_code=command.community_code,
            payment_id=command.payment_id,
            approved_by=command.by,
            requested_by=payment.requested_by,
            level=command.level,
            approved_at=command.now,
        )
    )
    if last:
        await _owe(session, payment, command)
        payment.state = "approved"
    await session.flush()
    return payment


async def _owe(session: AsyncSession, payment: FundPayment, command: Approval) -> None:
    payable = f"payable:{payment.merchant_id or payment.payee}"
    account = {"community_code": payment.community_code, "code": payable, "kind": "payable", "name": payment.payee}
    await session.execute(insert(FundAccount).values(**account, purposes=[]).on_conflict_do_nothing())
    await move(
        session,
        Movement(
            community_code=payment.community_code,
            from_account=payment.pot,
            to_account=payable,
            amount_fen=payment.amount_fen,
            reference=f"payment:{payment.id}:approved",
            memo=payment.purpose,
            moved_at=command.now,
            moved_by=command.by,
        ),
    )
