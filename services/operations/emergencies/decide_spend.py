"""Decide on an expense after the fact, and book what is paid back of a rejected one."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.emergencies import queries
from services.operations.emergencies.rules import SpendStepRefused
from services.operations.emergencies.tables import EmergencySpend
from services.operations.fund import queries as fund
from services.operations.fund.move import Movement, move
from services.operations.fund.rules import OUTSIDE, TIERS
from services.operations.payments.rules import OwnApproval, check_approval, levels_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decides on which expense; `level` is the number of digits of the widest area they are an official of."""

    community_code: str
    spend_id: uuid.UUID
    approved: bool
    level: int
    by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Recovery:
    """What came back of a rejected expense, by the bank's reference."""

    community_code: str
    spend_id: uuid.UUID
    bank_reference: str
    by: str
    now: datetime


async def decide_spend(session: AsyncSession, command: Decision) -> EmergencySpend:
    """Approve or reject an expense; takes the widest level that its amount would have needed beforehand.

    Raises:
        FundUnseen: The community has no fund.
        EmergencyUnseen: There is no such expense.
        SpendStepRefused: It is decided.
        OwnApproval: Who decides has spent it.
        ApprovalNotNeeded: They stand too low for the amount.
    """
    held = await fund.hold(session, command.community_code)
    spent = await _standing(session, command.community_code, command.spend_id, "pending")
    if spent.spent_by == command.by:
        raise OwnApproval
    widest = min(levels_for(spent.amount_fen, TIERS.validate_python(held.approval_tiers)))
    check_approval(spent.amount_fen, [widest], {}, command.by, command.level)
    spent.state = "approved" if command.approved else "rejected"
    spent.decided_by, spent.decided_at = command.by, command.now
    await session.flush()
    return spent


async def recover_spend(session: AsyncSession, command: Recovery) -> EmergencySpend:
    """Book that a rejected expense has been paid back; the money returns to its pot, and the limit stays used.

    Raises:
        FundUnseen: The community has no fund.
        EmergencyUnseen: There is no such expense.
        SpendStepRefused: It is not rejected, or has come back.
        ReferenceUsed: The bank's reference is booked already.
    """
    await fund.hold(session, command.community_code)
    spent = await _standing(session, command.community_code, command.spend_id, "rejected")
    emergency = await queries.emergency(session, command.community_code, spent.emergency_id)
    await move(
        session,
        Movement(
            community_code=command.community_code,
            from_account=OUTSIDE,
            to_account=emergency.pot,
            amount_fen=spent.amount_fen,
            reference=f"bank:{command.bank_reference}",
            memo="emergency",
            moved_at=command.now,
            moved_by=command.by,
        ),
    )
    spent.state = "recovered"
    await session.flush()
    return spent


async def _standing(session: AsyncSession, community_code: str, spend_id: uuid.UUID, wanted: str) -> EmergencySpend:
    spent = await queries.spend(session, community_code, spend_id)
    if spent.state != wanted:
        raise SpendStepRefused(state=spent.state, wanted=wanted)
    return spent
