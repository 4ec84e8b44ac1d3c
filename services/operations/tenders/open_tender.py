"""Open a tender 发布招标."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.tenders.rules import check_criteria, check_phase
from services.operations.tenders.tables import Tender


@dataclass(frozen=True, slots=True)
class Opening:
    """What is asked for, for how much at most in fen, until when, and by which weights bids are compared."""

    community_code: str
    title: str
    scene: str
    licences: Sequence[str]
    budget_fen: int
    criteria: Mapping[str, int]
    bids_until: datetime
    by: str
    now: datetime


async def open_tender(session: AsyncSession, command: Opening) -> Tender:
    """Open a tender.

    Raises:
        CriteriaInvalid: The weights do not come to a whole.
        WrongPhase: Its deadline is past.
        CommunityNotRegistered: The community does not take part.
    """
    check_criteria(command.criteria)
    check_phase("发布 opening", command.bids_until, command.now, bidding=True)
    if await session.get(Community, command.community_code) is None:
        raise CommunityNotRegistered(code=command.community_code)
    tender = Tender(
        community_code=command.community_code,
        title=command.title,
        scene=command.scene,
        licences=list(command.licences),
        budget_fen=command.budget_fen,
        criteria=dict(command.criteria),
        bids_until=command.bids_until,
        opened_at=command.now,
        opened_by=command.by,
    )
    session.add(tender)
    await session.flush()
    return tender
