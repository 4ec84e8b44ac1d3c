"""Reads of caps and of what counts against them."""

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.queries import OWED_BY
from services.points.debit_caps.rules import Cap, Exposure
from services.points.debit_caps.tables import DebitCap

# One statement, so that what is executed meanwhile is seen as promised or as a debt, never as both or neither.
_EXPOSURES = text(f"""
    WITH owing AS ({OWED_BY}), promised AS (
        SELECT merchant_community AS counterparty, price FROM quote
        WHERE community_code = :code AND merchant_community <> :code AND used_at IS NULL AND expires_at > :now
        UNION ALL
        SELECT community_code, price FROM payment
        WHERE payer_community = :code AND community_code <> :code AND state = 'authorised' AND expires_at > :now
        UNION ALL
        SELECT to_community, price FROM crossing WHERE community_code = :code AND state = 'requested'
    ), quoted AS (
        SELECT counterparty, sum(price)::bigint AS quoted FROM promised GROUP BY counterparty
    )
    SELECT counterparty, coalesce(owed, 0) AS owed, coalesce(quoted, 0) AS quoted
    FROM owing FULL JOIN quoted USING (counterparty)
""")  # noqa: S608 - two constants


async def caps_of(session: AsyncSession, community_code: str) -> list[Cap]:
    """Return the caps of a community that hold: of each counterparty the latest."""
    rows = await session.scalars(
        select(DebitCap)
        .where(DebitCap.community_code == community_code)
        .ext(distinct_on(DebitCap.counterparty))
        .order_by(DebitCap.counterparty, DebitCap.version.desc())
    )
    return [Cap(row.counterparty, row.soft, row.hard) for row in rows]


async def exposures_of(session: AsyncSession, community_code: str, *, now: datetime) -> dict[str, Exposure]:
    """Return what a community owes each other one and what its residents' open quotes and payments would add."""
    rows = await session.execute(_EXPOSURES, {"code": community_code, "now": now})
    return {row.counterparty: Exposure(row.owed, row.quoted) for row in rows}
