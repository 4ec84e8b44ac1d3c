"""Reads of redemptions."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.redemptions.rules import RedemptionUnknown
from services.points.redemptions.tables import Redemption
from shared.identity import Identity


async def get_redemption(session: AsyncSession, redemption_id: uuid.UUID, who: Identity) -> Redemption:
    """Return a redemption to its resident, its merchant, or staff of either community.

    Raises:
        RedemptionUnknown: There is none that this caller may see.
    """
    redemption = await session.scalar(select(Redemption).where(Redemption.redemption_id == redemption_id))
    if redemption is None or not _may_see(who, redemption):
        raise RedemptionUnknown(redemption_id=redemption_id)
    return redemption


def _may_see(who: Identity, redemption: Redemption) -> bool:
    own = {f"resident:{redemption.resident_id}", f"merchant:{redemption.merchant_id}"}
    communities = (redemption.community_code, redemption.payer_community)
    return who.subject in own or any(who.holds(code, "desk", "operator", "official") for code in communities)
