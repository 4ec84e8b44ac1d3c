"""Takes in what scenarios tells of help: agreed on, cancelled, given."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.timebank.pledge_help import PledgeHelp, pledge_help, release_help
from services.points.timebank.rules import Visit
from services.points.timebank.settle_help import SettleHelp, settle_help
from shared.errors import Refusal
from shared.events.points import HelpPledged, HoursPosted
from shared.events.scenarios import HelpAgreed, HelpCancelled, HelpConfirmed
from shared.outbox import publish


async def pledge(session: AsyncSession, event: HelpAgreed) -> None:
    """Pledge the hours and answer, or answer why not."""
    visit = Visit(event.community_code, event.visit_id, event.giver_id, event.payer_id)
    now, reason = datetime.now(UTC), None
    order = PledgeHelp(visit, event.payer_id, event.receiver_id, event.quarters, event.pledged_until, now)
    try:
        await pledge_help(session, order)
    except Refusal as refusal:
        reason = refusal.type
    answer = HelpPledged(
        community_code=event.community_code, visit_id=event.visit_id, accepted=reason is None, reason=reason
    )
    await publish(session, answer)


async def release_pledge(session: AsyncSession, event: HelpCancelled) -> None:
    """Release the hours of help that will not be given."""
    visit = Visit(event.community_code, event.visit_id, event.giver_id, event.payer_id)
    await release_help(session, visit, datetime.now(UTC))


async def post_hours(session: AsyncSession, event: HelpConfirmed) -> None:
    """Post the hours and answer, or answer why not: then staff see to it, and correct."""
    visit = Visit(event.community_code, event.visit_id, event.giver_id, event.payer_id)
    donated, reason = 0, None
    try:
        donated = await settle_help(session, SettleHelp(visit, event.revision, event.quarters, datetime.now(UTC)))
    except Refusal as refusal:
        reason = refusal.type
    answer = HoursPosted(
        community_code=event.community_code,
        visit_id=event.visit_id,
        revision=event.revision,
        accepted=reason is None,
        reason=reason,
        donated_quarters=donated,
    )
    await publish(session, answer)
