"""Declare an emergency: its pot, its basis, its limit and its end."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.emergencies.rules import EmergencyOver
from services.operations.emergencies.tables import Emergency
from services.operations.fund import queries as fund
from services.operations.fund.rules import check_earmark


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Who declares which emergency; each expense is to be approved within so many days."""

    community_code: str
    pot: str
    basis: str
    limit_fen: int
    approve_within_days: int
    ends_at: datetime
    declared_by: str
    declared_at: datetime


async def declare(session: AsyncSession, command: Declaration) -> uuid.UUID:
    """Declare an emergency.

    Raises:
        FundUnseen: The community has no fund.
        PotUnseen: The fund has no such pot.
        EarmarkViolated: The pot is not for emergencies.
        EmergencyOver: It would have ended by now.
    """
    await fund.fund(session, command.community_code)
    pot = await fund.pot(session, command.community_code, command.pot)
    check_earmark(pot.code, pot.purposes, "emergency")
    if command.ends_at <= command.declared_at:
        raise EmergencyOver(ends_at=command.ends_at.isoformat())
    emergency = Emergency(**asdict(command))
    session.add(emergency)
    await session.flush()
    return emergency.id
