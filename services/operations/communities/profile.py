"""Say what a community is like."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered, Profile, check_profile
from services.operations.communities.tables import Community, CommunityProfile
from shared.events.operations import CommunityProfiled
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class ProfileReport:
    """Who reports what a community is like, and when."""

    code: str
    profile: Profile
    by: str
    now: datetime


async def profile(session: AsyncSession, command: ProfileReport) -> CommunityProfile:
    """Record a community's next profile and tell the other services.

    Raises:
        ProfileImpossible: It has more households than people.
        CommunityNotRegistered: The community does not take part.
    """
    check_profile(command.profile)
    # The lock gives two reports at a time two revisions.
    if await session.get(Community, command.code, with_for_update=True) is None:
        raise CommunityNotRegistered(code=command.code)
    latest = await session.scalar(
        select(func.max(CommunityProfile.revision)).where(CommunityProfile.community_code == command.code)
    )
    row = CommunityProfile(
        community_code=command.code,
        revision=(latest or 0) + 1,
        recorded_at=command.now,
        recorded_by=command.by,
        **asdict(command.profile),
    )
    session.add(row)
    await session.flush()
    event = CommunityProfiled(community_code=command.code, revision=row.revision, **asdict(command.profile))
    await publish(session, event)
    return row
