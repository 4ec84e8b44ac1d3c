"""Fold: notes the balances of accounts that keep none, every so many entries."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

ENTRIES_BETWEEN = 1_000

# An id is made while its transaction is under way. So behind the start of the oldest of them nothing is added any more;
# all that write are of the service's own role, whose sessions it may see. It is asked before the entries are read: one
# that ended in between has its entries read, and one that began has later ids.
_SETTLED = text("""
    SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user
""")
_FOLD = text("""
    WITH folded AS (
        SELECT a.community_code, a.account_id, last.transfer_id, last.leg, coalesce(last.balance, 0) AS balance
        FROM account a LEFT JOIN LATERAL (
            SELECT transfer_id, leg, balance FROM fold f
            WHERE f.community_code = a.community_code AND f.account_id = a.account_id
            ORDER BY transfer_id DESC, leg DESC LIMIT 1
        ) AS last ON true
        WHERE a.floor IS NULL
    )
    INSERT INTO fold (community_code, account_id, transfer_id, leg, balance)
    SELECT folded.community_code, folded.account_id, next.transfer_id, next.leg, folded.balance + next.change
    FROM folded CROSS JOIN LATERAL (
        SELECT transfer_id, leg, sum(amount) OVER so_far AS change, row_number() OVER so_far AS nth FROM entry e
        WHERE e.community_code = folded.community_code AND e.account_id = folded.account_id
          AND (e.transfer_id, e.leg) > (coalesce(folded.transfer_id, '00000000-0000-0000-0000-000000000000'),
                                        coalesce(folded.leg, -1))
          AND uuid_extract_timestamp(e.transfer_id) < date_trunc('milliseconds', CAST(:settled_before AS timestamptz))
        WINDOW so_far AS (ORDER BY transfer_id, leg)
    ) AS next
    WHERE next.nth % :entries_between = 0
""")


async def fold(session: AsyncSession, *, entries_between: int = ENTRIES_BETWEEN) -> None:
    """Note the balance of each account that keeps none, after every so many entries since its last fold."""
    settled_before = await session.scalar(_SETTLED)
    await session.execute(_FOLD, {"entries_between": entries_between, "settled_before": settled_before})
