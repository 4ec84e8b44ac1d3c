"""Set a cap: a new version, which holds for the quotes that come after it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.queries import require_communities
from services.points.debit_caps.rules import ALL, CapOutOfOrder
from services.points.debit_caps.tables import DebitCap


@dataclass(frozen=True, slots=True)
class SetCap:
    """How much a community may owe a counterparty, or all others together, and who says so."""

    community_code: str
    counterparty: str
    soft: int
    hard: int
    set_by: str


async def set_cap(session: AsyncSession, command: SetCap, *, now: datetime) -> DebitCap:
    """Set a cap; it may lie below what is owed already, and then nothing more is quoted until that is settled.

    Raises:
        CapOutOfOrder: The soft limit lies beyond the hard one, or the counterparty is the community itself.
        CommunityUnknown: One of the communities does not take part.
    """
    if command.soft > command.hard or command.counterparty == command.community_code:
        raise CapOutOfOrder(soft=command.soft, hard=command.hard)
    await require_communities(session, *{command.community_code, command.counterparty} - {ALL})
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('debit cap of ' || :code, 0))"),
        {"code": command.community_code},
    )
    latest = await session.scalar(
        select(func.max(DebitCap.version)).where(
            DebitCap.community_code == command.community_code, DebitCap.counterparty == command.counterparty
        )
    )
    cap = DebitCap(
        community_code=command.community_code,
        counterparty=command.counterparty,
        version=(latest or 0) + 1,
        soft=command.soft,
        hard=command.hard,
        set_by=command.set_by,
        set_at=now,
    )
    session.add(cap)
    await session.flush()
    return cap
