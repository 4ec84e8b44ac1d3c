"""Checks of the whole book against itself."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CHECKS = {
    "books_sum_to_zero": """
        SELECT community_code, asset_class FROM entry
        GROUP BY community_code, asset_class HAVING sum(amount) <> 0
    """,
    "transfers_sum_to_zero": """
        SELECT t.community_code, t.transfer_id FROM transfer t LEFT JOIN entry e USING (community_code, transfer_id)
        GROUP BY t.community_code, t.transfer_id HAVING coalesce(sum(e.amount), 0) <> 0 OR count(e.leg) < 2
    """,
    "balances_equal_entries": """
        SELECT a.community_code, a.account_id FROM account a LEFT JOIN entry e USING (community_code, account_id)
        WHERE a.floor IS NOT NULL
        GROUP BY a.community_code, a.account_id HAVING a.balance <> coalesce(sum(e.amount), 0)
    """,
    "lots_equal_balances": """
        SELECT a.community_code, a.account_id FROM account a LEFT JOIN lot l USING (community_code, account_id)
        WHERE a.floor IS NOT NULL
        GROUP BY a.community_code, a.account_id HAVING a.balance <> coalesce(sum(l.remaining), 0)
    """,
    "lots_equal_their_moves": """
        SELECT l.community_code, l.lot_id FROM lot l LEFT JOIN lot_move m USING (community_code, lot_id)
        GROUP BY l.community_code, l.lot_id HAVING l.remaining <> coalesce(sum(m.amount), 0)
    """,
    "clearing_is_mirrored": """
        SELECT least(community_code, counterparty), greatest(community_code, counterparty)
        FROM (SELECT a.community_code, split_part(a.owner, ':', 2) AS counterparty, e.amount
              FROM account a JOIN entry e USING (community_code, account_id) WHERE a.kind = 'clearing') AS positions
        GROUP BY 1, 2 HAVING sum(amount) <> 0
    """,
    "settlements_sum_to_zero": """
        SELECT e.asset_class FROM entry e JOIN account a USING (community_code, account_id)
        WHERE a.kind = 'settlement' GROUP BY e.asset_class HAVING sum(e.amount) <> 0
    """,
    "basic_points_stay": """
        SELECT e.community_code, e.transfer_id FROM entry e JOIN account a USING (community_code, account_id)
        WHERE e.asset_class = 'basic' AND (a.kind NOT IN ('issuer', 'resident') OR a.kind = 'resident' AND e.amount < 0)
    """,
}
"""Each finds what breaks an invariant; none should find anything."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How many times an invariant is broken."""

    invariant: str
    broken: int


async def check_integrity(session: AsyncSession) -> list[Finding]:
    """Hold the whole book against its invariants. Reads it all: for audits, not for each request."""
    return [
        Finding(name, await session.scalar(text(f"SELECT count(*) FROM ({query}) AS broken")) or 0)  # noqa: S608
        for name, query in CHECKS.items()
    ]
