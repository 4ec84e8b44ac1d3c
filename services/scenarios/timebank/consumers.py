"""Takes in what the points service says of pledges and of hours."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.timebank.queries import lock_post, lock_visit
from shared.events.points import HelpPledged, HoursPosted

DONE = "done"


async def note_pledged(session: AsyncSession, event: HelpPledged) -> None:
    """Let a visit go ahead whose hours are pledged; of any other the request or offer is open again."""
    visit = await lock_visit(session, event.visit_id)
    if visit.state != "pledging":
        return
    visit.state, visit.reason = ("pledged", None) if event.accepted else ("refused", event.reason)
    if not event.accepted:
        post = await lock_post(session, visit.post_id)
        post.state = "open"
    await session.flush()


async def note_posted(session: AsyncSession, event: HoursPosted) -> None:
    """Note whether a visit's hours are in the book; an answer to an earlier count is an old one."""
    visit = await lock_visit(session, event.visit_id)
    if event.revision == visit.revision:
        visit.posted = DONE if event.accepted else event.reason
        await session.flush()
