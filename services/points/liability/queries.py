"""Reads for the liability board of an area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.queries import owed_by
from services.points.exchange.rules import discount_at, terms_of
from services.points.liability.rules import Outstanding, Spent
from services.points.liability.tables import Funding
from shared.clock import Period

_OUTSTANDING = text("""
    SELECT l.community_code, l.issuer, to_char(l.expires_on, 'YYYY-MM'), sum(l.remaining)::bigint
    FROM lot l JOIN account a USING (community_code, account_id)
    WHERE starts_with(l.community_code, :area) AND a.asset_class = 'service' AND l.remaining > 0
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")
# At merchants of this cell; of other cells, by what they accepted; and for the communities' own spaces.
_SPENT = text("""
    WITH one AS (
        SELECT r.payer_community, r.community_code, r.merchant_id, r.price + coalesce(back.points, 0) AS points
        FROM redemption r LEFT JOIN LATERAL (
            SELECT sum(e.amount) AS points FROM transfer t JOIN entry e USING (community_code, transfer_id)
            JOIN account a USING (community_code, account_id)
            WHERE t.community_code = r.community_code AND t.reverses = r.redemption_id AND a.kind = 'merchant'
        ) AS back ON true
        WHERE r.captured_at >= :start AND r.captured_at < :end
        UNION ALL
        SELECT community_code, to_community, merchant_id, price FROM crossing
        WHERE state = 'captured' AND requested_at >= :start AND requested_at < :end
        UNION ALL
        SELECT t.community_code, t.community_code, NULL, e.amount
        FROM transfer t
        LEFT JOIN transfer original ON original.community_code = t.community_code AND original.transfer_id = t.reverses
        JOIN entry e ON e.community_code = t.community_code AND e.transfer_id = t.transfer_id
        JOIN account a ON a.community_code = e.community_code AND a.account_id = e.account_id
        WHERE a.kind = 'pool' AND coalesce(original.kind, t.kind) = 'redeem' AND t.posted_at >= :start
          AND t.posted_at < :end
    )
    SELECT payer_community, community_code, merchant_id, sum(points)::bigint FROM one
    WHERE starts_with(payer_community, :area) OR starts_with(community_code, :area)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")
_CORRIDORS = text("""
    SELECT DISTINCT ON (community_code, to_community) community_code, to_community, version, rate_bp, discount_bp,
           floor_bp, ceiling_bp, full_at
    FROM corridor
    WHERE (starts_with(community_code, :area) OR starts_with(to_community, :area)) AND agreed_at IS NOT NULL
      AND coalesce(effective_from, agreed_at) <= :now
    ORDER BY community_code, to_community, coalesce(effective_from, agreed_at) DESC, version DESC
""")


@dataclass(frozen=True, slots=True)
class CorridorState:
    """A corridor in force, where its discount stands, and what the one owes the other (negative: is owed)."""

    from_community: str
    to_community: str
    version: int
    rate_bp: int
    discount_bp: int
    owed: int


async def outstanding_in(session: AsyncSession, area: str) -> list[Outstanding]:
    """Return what residents hold in the books of an area."""
    return [Outstanding(*row) for row in await session.execute(_OUTSTANDING, {"area": area})]


async def funding_in(session: AsyncSession, area: str) -> dict[str, Funding]:
    """Return what stands behind the points of each community of an area that has a fund."""
    rows = await session.scalars(select(Funding).where(Funding.community_code.startswith(area)))
    return {row.community_code: row for row in rows}


async def spent_in(session: AsyncSession, area: str, window: Period) -> list[Spent]:
    """Return what was spent by residents of an area, or in it, within a window of time, by when it was taken."""
    given = {"area": area, "start": window[0], "end": window[1]}
    return [Spent(*row) for row in await session.execute(_SPENT, given)]


async def corridors_in(session: AsyncSession, area: str, *, now: datetime) -> Sequence[CorridorState]:
    """Return the corridors in force that lead out of an area or into it, as they stand now."""
    rows = (await session.execute(_CORRIDORS, {"area": area, "now": now})).all()
    owed = {code: await owed_by(session, code) for code in sorted({row.community_code for row in rows})}
    states = []
    for row in rows:
        terms = terms_of(row.rate_bp, row.discount_bp, row.floor_bp, row.ceiling_bp, row.full_at)
        owes = owed[row.community_code].get(row.to_community, 0)
        pair = row.community_code, row.to_community
        states.append(CorridorState(*pair, row.version, terms.rate_bp, discount_at(terms, owes), owes))
    return states
