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
        SELECT l.community_code, l.lot_id FROM lot l LEFT JOIN entry e USING (community_code, account_id, lot_id)
        GROUP BY l.community_code, l.lot_id HAVING l.remaining <> coalesce(sum(e.amount), 0)
    """,
    "holds_are_covered": """
        SELECT l.community_code, l.lot_id FROM hold_lot p JOIN lot l USING (community_code, account_id, lot_id)
        GROUP BY l.community_code, l.lot_id HAVING sum(p.amount) > l.remaining
    """,
    "holds_pin_what_is_left_of_them": """
        SELECT h.community_code, h.reference FROM hold h LEFT JOIN hold_lot p USING (community_code, reference)
        GROUP BY h.community_code, h.reference
        HAVING coalesce(sum(p.amount), 0) <> CASE WHEN h.closed_as IS NULL THEN h.amount - h.captured ELSE 0 END
    """,
    "reversals_give_back_no_more": """
        SELECT o.community_code, o.transfer_id FROM transfer t
        JOIN transfer o ON o.community_code = t.community_code AND o.transfer_id = t.reverses
        JOIN entry e ON e.community_code = o.community_code AND e.transfer_id = o.transfer_id
        JOIN LATERAL (
            SELECT coalesce(sum(b.amount), 0) AS amount FROM transfer r JOIN entry b USING (community_code, transfer_id)
            WHERE r.community_code = o.community_code AND r.reverses = o.transfer_id AND b.account_id = e.account_id
              AND b.lot_id IS NOT DISTINCT FROM e.lot_id
        ) AS back ON true
        GROUP BY o.community_code, o.transfer_id, e.account_id, e.lot_id, t.transfer_id, back.amount
        HAVING NOT sum(e.amount) + back.amount BETWEEN least(0, sum(e.amount)) AND greatest(0, sum(e.amount))
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
        JOIN transfer t USING (community_code, transfer_id)
        WHERE e.asset_class = 'basic'
          AND (a.kind NOT IN ('issuer', 'resident') OR (e.amount > 0) = (a.kind = 'resident') AND t.kind = 'reverse'
               OR (e.amount > 0) <> (a.kind = 'resident') AND t.kind <> 'reverse')
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
