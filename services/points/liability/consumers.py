"""Takes in what communities' funds could pay for."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.liability.tables import Funding
from shared.events.operations import PointsFunded


async def note_funding(session: AsyncSession, event: PointsFunded) -> None:
    """Note what stands behind a community's points; what was told before something that is known is passed over."""
    row = insert(Funding).values(community_code=event.community_code, points=event.points, funded_at=event.funded_at)
    later = row.on_conflict_do_update(
        index_elements=[Funding.community_code],
        set_={"points": row.excluded.points, "funded_at": row.excluded.funded_at},
        where=Funding.funded_at <= row.excluded.funded_at,
    )
    await session.execute(later)
