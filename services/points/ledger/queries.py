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
    "holds_are_as_they_were_commanded": """
        SELECT h.community_code, h.reference FROM hold h
        LEFT JOIN hold_command placed ON placed.community_code = h.community_code AND placed.reference = h.reference
                                     AND placed.kind = 'hold'
        LEFT JOIN hold_command released ON released.community_code = h.community_code
                                       AND released.reference = h.reference AND released.kind = 'release'
        WHERE (placed.account_id, placed.asset_class, placed.amount, placed.expires_at)
                IS DISTINCT FROM (h.account_id, h.asset_class, h.amount, h.expires_at)
           OR (released.reference IS NOT NULL) IS DISTINCT FROM (h.closed_as IS NOT DISTINCT FROM 'released')
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
    # What an account had before each entry, and has now, is what it had after each, and in the beginning.
    "balances_follow_each_other": """
        (SELECT community_code, account_id, balance_after FROM entry WHERE balance_after IS NOT NULL
         UNION ALL SELECT community_code, account_id, 0 FROM account WHERE floor IS NOT NULL)
        EXCEPT ALL
        (SELECT community_code, account_id, balance_after - amount FROM entry WHERE balance_after IS NOT NULL
         UNION ALL SELECT community_code, account_id, balance FROM account WHERE floor IS NOT NULL)
    """,
    "entries_have_their_transfer_account_and_lot": """
        SELECT e.community_code, e.transfer_id, e.leg FROM entry e
        LEFT JOIN transfer t ON t.community_code = e.community_code AND t.transfer_id = e.transfer_id
        LEFT JOIN account a ON a.community_code = e.community_code AND a.account_id = e.account_id
        LEFT JOIN lot l ON l.community_code = e.community_code AND l.lot_id = e.lot_id
        WHERE t.asset_class IS DISTINCT FROM e.asset_class OR a.asset_class IS DISTINCT FROM e.asset_class
           OR (a.floor IS NULL) <> (e.balance_after IS NULL) OR (a.floor IS NULL) <> (e.lot_id IS NULL)
           OR e.lot_id IS NOT NULL AND l.account_id IS DISTINCT FROM e.account_id
    """,
    "lots_have_their_account": """
        SELECT l.community_code, l.lot_id FROM lot l LEFT JOIN account a USING (community_code, account_id)
        WHERE a.floor IS NULL
    """,
    "accounts_stay_above_their_floor": """
        SELECT community_code, account_id FROM account WHERE balance < floor
    """,
    "lots_hold_no_more_than_was_earned": """
        SELECT community_code, lot_id FROM lot WHERE remaining NOT BETWEEN 0 AND earned
    """,
    "folds_equal_their_entries": """
        SELECT f.community_code, f.account_id, f.transfer_id FROM fold f CROSS JOIN LATERAL (
            SELECT sum(amount) AS balance FROM entry e
            WHERE e.community_code = f.community_code AND e.account_id = f.account_id
              AND (e.transfer_id, e.leg) <= (f.transfer_id, f.leg)
        ) AS entered WHERE f.balance IS DISTINCT FROM entered.balance
    """,
    "deeds_have_their_transfer": """
        SELECT d.community_code, d.activity, d.reference FROM deed d
        LEFT JOIN transfer t USING (community_code, transfer_id)
        LEFT JOIN entry e ON e.community_code = d.community_code AND e.transfer_id = d.transfer_id AND e.amount > 0
        GROUP BY d.community_code, d.activity, d.reference, d.points, t.kind
        HAVING t.kind IS DISTINCT FROM 'earn' OR coalesce(sum(e.amount), 0) <> d.points
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
    # Both sides of a purchase between cells, each in its own cell: what its record says, the book has done.
    "crossings_have_their_transfers": """
        SELECT c.community_code, c.crossing_id FROM crossing c
        LEFT JOIN hold h ON h.community_code = c.community_code AND h.reference = c.crossing_id::text
        LEFT JOIN LATERAL (
            SELECT -sum(e.amount) FILTER (WHERE a.owner = 'resident:' || c.resident_id) AS paid,
                   sum(e.amount) FILTER (WHERE a.owner = 'correspondent:' || c.to_community) AS owed
            FROM transfer t JOIN entry e USING (community_code, transfer_id)
            JOIN account a USING (community_code, account_id)
            WHERE t.community_code = c.community_code AND t.kind = 'redeem' AND t.reference = c.crossing_id::text
        ) AS moved ON true
        WHERE h.amount IS DISTINCT FROM c.paid OR h.closed_as IS DISTINCT FROM nullif(c.state, 'requested')
           OR moved.paid IS DISTINCT FROM CASE c.state WHEN 'captured' THEN c.paid END
           OR moved.owed IS DISTINCT FROM CASE c.state WHEN 'captured' THEN c.price END
    """,
    "arrivals_have_their_transfers": """
        SELECT r.community_code, r.crossing_id FROM arrival r LEFT JOIN LATERAL (
            SELECT sum(e.amount) FILTER (WHERE a.owner = 'merchant:' || r.merchant_id) AS got,
                   -sum(e.amount) FILTER (WHERE a.owner = 'correspondent:' || r.from_community) AS claimed
            FROM transfer t JOIN entry e USING (community_code, transfer_id)
            JOIN account a USING (community_code, account_id)
            WHERE t.community_code = r.community_code AND t.kind = 'redeem' AND t.reference = r.crossing_id::text
        ) AS moved ON true
        WHERE moved.got IS DISTINCT FROM CASE WHEN r.accepted THEN r.price END
           OR moved.claimed IS DISTINCT FROM CASE WHEN r.accepted THEN r.price END
    """,
    "open_vouchers_are_held": """
        SELECT v.community_code, v.voucher_id FROM voucher v
        LEFT JOIN hold h ON h.community_code = v.community_code AND h.reference = 'voucher:' || v.voucher_id
        WHERE h.amount IS DISTINCT FROM v.points OR (v.closed_at IS NULL) <> (h.closed_as IS NULL)
           OR (v.redemption_id IS NOT NULL) <> (h.captured = h.amount)
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


EXAMPLES_MAX = 5
CHECK_TIMEOUT_S = 600
_KEYS = "ARRAY(SELECT value FROM jsonb_each_text(to_jsonb(broken)))"


@dataclass(frozen=True, slots=True)
class Finding:
    """How many times an invariant is broken, and the keys of the first that break it."""

    invariant: str
    broken: int
    examples: tuple[str, ...]


async def check_integrity(session: AsyncSession) -> list[Finding]:
    """Hold the whole book against its invariants. Reads it all: for audits, not for each request."""
    await session.execute(text(f"SET LOCAL statement_timeout = '{CHECK_TIMEOUT_S}s'"))
    return [await _check(session, name, query) for name, query in CHECKS.items()]


async def _check(session: AsyncSession, name: str, query: str) -> Finding:
    counted = f"SELECT count(*) OVER (), concat_ws('/', VARIADIC {_KEYS}) FROM ({query}) AS broken LIMIT :most"  # noqa: S608
    rows = (await session.execute(text(counted), {"most": EXAMPLES_MAX})).all()
    return Finding(name, rows[0][0] if rows else 0, tuple(key for _, key in rows))
