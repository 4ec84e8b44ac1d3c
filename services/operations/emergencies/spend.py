"""Spend in an emergency, before anybody has approved it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.emergencies import queries
from services.operations.emergencies.rules import ApprovalOverdue, check_spend, is_overdue
from services.operations.emergencies.tables import EmergencySpend
from services.operations.fund import queries as fund
from services.operations.fund.move import Movement, move
from services.operations.fund.rules import OUTSIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """Who spent how much on what, with what evidence."""

    community_code: str
    emergency_id: uuid.UUID
    amount_fen: int
    payee: str
    what: str
    evidence: Sequence[str]
    by: str
    now: datetime


async def spend(session: AsyncSession, command: Expense) -> EmergencySpend:
    """Spend at once; the money leaves the pot, and the approval is due.

    Raises:
        FundUnseen: The community has no fund.
        EmergencyUnseen: There is no such emergency.
        EmergencyOver: It has ended.
        EmergencyLimitReached: Its limit would be exceeded.
        ApprovalOverdue: An earlier expense was not decided in time.
        PotOverdrawn: The pot has not so much.
    """
    await fund.hold(session, command.community_code)
    emergency = await queries.emergency(session, command.community_code, command.emergency_id)
    check_spend(
        emergency.limit_fen, emergency.spent_fen, command.amount_fen, ends_at=emergency.ends_at, now=command.now
    )
    for earlier in await queries.spends(session, emergency):
        if is_overdue(earlier.state, earlier.due_at, command.now):
            raise ApprovalOverdue(spend_id=str(earlier.id), due_at=earlier.due_at.isoformat())
    spent = EmergencySpend(
        community_code=command.community_code,
        emergency_id=command.emergency_id,
        amount_fen=command.amount_fen,
        payee=command.payee,
        what=command.what,
        evidence=list(command.evidence),
        state="pending",
        spent_at=command.now,
        spent_by=command.by,
        due_at=command.now + timedelta(days=emergency.approve_within_days),
    )
    session.add(spent)
    emergency.spent_fen += command.amount_fen
    await session.flush()
    await move(session, _left(spent, emergency.pot))
    return spent


def _left(spent: EmergencySpend, pot: str) -> Movement:
    return Movement(
        community_code=spent.community_code,
        from_account=pot,
        to_account=OUTSIDE,
        amount_fen=spent.amount_fen,
        reference=f"emergency:{spent.id}:spent",
        memo="emergency",
        moved_at=spent.spent_at,
        moved_by=spent.spent_by,
    )
