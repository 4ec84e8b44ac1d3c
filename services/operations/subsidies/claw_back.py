"""Claw back 追缴."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.subsidies.queries import account, hold
from services.operations.subsidies.rules import Ground, check_clawback
from services.operations.subsidies.tables import Subsidy, SubsidyClawback


@dataclass(frozen=True, slots=True)
class Clawback:
    """How much is asked back, in fen, on what ground and basis."""

    amount_fen: int
    ground: Ground
    basis: str
    by: str
    now: datetime


async def claw_back(session: AsyncSession, subsidy: Subsidy, command: Clawback) -> None:
    """Ask money back, at most what was paid and has not been asked back.

    Raises:
        ClawbackTooLarge: It is more.
    """
    await hold(session, subsidy)
    standing = await account(session, subsidy)
    check_clawback(standing.paid_fen, standing.clawed_fen, command.amount_fen)
    session.add(
        SubsidyClawback(
            community_code=subsidy.community_code,
            subsidy_id=subsidy.id,
            amount_fen=command.amount_fen,
            ground=command.ground,
            basis=command.basis,
            ordered_at=command.now,
            ordered_by=command.by,
        )
    )
    await session.flush()
