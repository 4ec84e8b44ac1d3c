"""Open a community's fund, and pots in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.fund.rules import OUTSIDE, TIERS, FundExists, Tier
from services.operations.fund.tables import Fund, FundAccount


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opens a fund, what it pays a merchant for a point, and who approves how much."""

    community_code: str
    fen_per_point: int
    tiers: Sequence[Tier]
    by: str
    now: datetime


async def open_fund(session: AsyncSession, command: Opening) -> None:
    """Open a fund with nothing in it.

    Raises:
        CommunityNotRegistered: The community does not take part.
        FundExists: It has a fund.
    """
    if await session.get(Community, command.community_code) is None:
        raise CommunityNotRegistered(code=command.community_code)
    opened = await session.scalar(
        insert(Fund)
        .values(
            community_code=command.community_code,
            fen_per_point=command.fen_per_point,
            approval_tiers=TIERS.dump_python(list(command.tiers)),
            opened_at=command.now,
            opened_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(Fund.community_code)
    )
    if opened is None:
        raise FundExists(code=command.community_code)
    outside = FundAccount(
        community_code=command.community_code, code=OUTSIDE, kind="outside", name="基金之外 outside", purposes=[]
    )
    session.add(outside)
    await session.flush()
