"""Ask for help, or offer it."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import admit_resident
from services.scenarios.communities.queries import require_registered
from services.scenarios.timebank.queries import lock_post
from services.scenarios.timebank.rules import HelpUnseen, Side, TimePassed, require_state
from services.scenarios.timebank.tables import HelpPost
from shared.assistance import DESK_ROLES, OnBehalf
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class PostHelp:
    """What help, when, how many quarter hours at most; a request may be for a spouse or direct relative.

    With `community_pays` the hours are the community's: for residents who have none, as its staff decide.
    """

    community_code: str
    side: Side
    service: str
    text: str
    starts_at: datetime
    quarters: int
    receiver_id: uuid.UUID | None
    community_pays: bool
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def post_help(session: AsyncSession, command: PostHelp) -> HelpPost:
    """Put up a request or an offer; who answers it first is meant.

    Raises:
        OutOfScope: The caller is neither the resident, of that community, nor its desk; the desk alone has the
            community pay.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        CommunityUnknown: The community does not take part.
        TimePassed: It is to begin in the past.
    """
    admit_resident(command.community_code, command.on_behalf, command.by)
    if command.community_pays:
        command.by.require(command.community_code, *DESK_ROLES)
    await require_registered(session, command.community_code)
    if command.starts_at <= command.now:
        raise TimePassed
    request = command.side == "request"
    who = command.on_behalf.resident_id
    post = HelpPost(
        community_code=command.community_code,
        side=command.side,
        resident_id=who,
        receiver_id=(command.receiver_id or who) if request else None,
        community_pays=command.community_pays and request,
        service=command.service,
        text=command.text,
        starts_at=command.starts_at,
        quarters=command.quarters,
        state="open",
        posted_at=command.now,
        **command.on_behalf.recorded(command.by.subject),
    )
    session.add(post)
    await session.flush()
    return post


async def withdraw_help(session: AsyncSession, post_id: uuid.UUID, on_behalf: OnBehalf, by: Identity) -> HelpPost:
    """Take a request or an offer back that nobody has answered.

    Raises:
        HelpUnseen: There is none of this resident.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        HelpElsewhere: It was answered, or withdrawn.
    """
    post = await lock_post(session, post_id)
    if post.resident_id != on_behalf.resident_id:
        raise HelpUnseen(help_id=str(post_id))
    admit_resident(post.community_code, on_behalf, by)
    require_state(post.state, "open")
    post.state = "withdrawn"
    await session.flush()
    return post
