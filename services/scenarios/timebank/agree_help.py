"""Answer a request, or take up an offer."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import admit_resident
from services.scenarios.timebank.note_step import Step, note_step
from services.scenarios.timebank.queries import lock_post
from services.scenarios.timebank.rules import PLEDGED_FOR, Side, TimePassed, parties_of, require_state
from services.scenarios.timebank.tables import HelpVisit
from shared.assistance import OnBehalf
from shared.events.scenarios import HelpAgreed
from shared.identity import Identity
from shared.outbox import publish

CODE_BYTES = 3


@dataclass(frozen=True, slots=True)
class AgreeHelp:
    """Who answers which request or offer."""

    post_id: uuid.UUID
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def agree_help(session: AsyncSession, command: AgreeHelp) -> HelpVisit:
    """Agree on a visit; its hours are asked to be pledged, and until they are it does not begin.

    Raises:
        HelpUnseen: There is no such request or offer.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        OwnHelp: The resident would be on both sides.
        HelpElsewhere: Somebody else was first, or it was withdrawn.
        TimePassed: Its time has come.
    """
    post = await lock_post(session, command.post_id)
    admit_resident(post.community_code, command.on_behalf, command.by)
    parties = parties_of(
        cast("Side", post.side),
        post.resident_id,
        post.receiver_id,
        command.on_behalf.resident_id,
        community_pays=post.community_pays,
    )
    require_state(post.state, "open")
    if post.starts_at <= command.now:
        raise TimePassed
    post.state = "agreed"
    visit = HelpVisit(
        community_code=post.community_code,
        post_id=post.id,
        giver_id=parties.giver,
        receiver_id=parties.receiver,
        payer_id=parties.payer,
        starts_at=post.starts_at,
        agreed_quarters=post.quarters,
        code=secrets.token_hex(CODE_BYTES).upper(),
        state="pledging" if parties.payer else "pledged",
    )
    session.add(visit)
    await session.flush()
    assisted = command.on_behalf.recorded(command.by.subject)
    await note_step(session, visit, Step("agreed", command.by.subject, command.now, assisted, quarters=post.quarters))
    if parties.payer:
        await publish(session, _asked(visit, parties.payer))
    return visit


def _asked(visit: HelpVisit, payer_id: uuid.UUID) -> HelpAgreed:
    return HelpAgreed(
        community_code=visit.community_code,
        visit_id=visit.id,
        giver_id=visit.giver_id,
        receiver_id=visit.receiver_id,
        payer_id=payer_id,
        quarters=visit.agreed_quarters,
        pledged_until=visit.starts_at + PLEDGED_FOR,
    )
