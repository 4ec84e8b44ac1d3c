"""Reads of what communities owe each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_POSITIONS = text("""
    WITH book AS (
        SELECT a.community_code, split_part(a.owner, ':', 2) AS counterparty, coalesce(sum(e.amount), 0)::bigint AS owed
        FROM account a LEFT JOIN entry e USING (community_code, account_id)
        WHERE a.kind = 'clearing' AND (a.community_code = :code OR a.owner = 'clearing:' || :code)
        GROUP BY a.community_code, a.owner
    )
    SELECT ours.counterparty, ours.owed, coalesce(theirs.owed, 0) AS mirrored
    FROM book ours LEFT JOIN book theirs
      ON theirs.community_code = ours.counterparty AND theirs.counterparty = ours.community_code
    WHERE ours.community_code = :code ORDER BY ours.counterparty
""")


@dataclass(frozen=True, slots=True)
class ClearingPosition:
    """What a community owes another (positive) or is owed by it, in both books."""

    counterparty: str
    owed: int
    mirrored: int


async def positions_of(session: AsyncSession, community_code: str) -> Sequence[ClearingPosition]:
    """Return a community's unsettled positions, by counterparty."""
    rows = await session.execute(_POSITIONS, {"code": community_code})
    return [ClearingPosition(*row) for row in rows]
