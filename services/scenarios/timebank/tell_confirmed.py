"""Tell that a visit's quarter hours are evidence now."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.timebank.tables import HelpVisit
from shared.events.scenarios import HelpConfirmed
from shared.outbox import publish


async def tell_confirmed(session: AsyncSession, visit: HelpVisit) -> None:
    """Tell how many quarter hours count, of the visit as it stands now; nothing is said of what they were before."""
    visit.posted = None
    await session.flush()
    await publish(
        session,
        HelpConfirmed(
            community_code=visit.community_code,
            visit_id=visit.id,
            revision=visit.revision,
            giver_id=visit.giver_id,
            payer_id=visit.payer_id,
            quarters=visit.quarters or 0,
        ),
    )
