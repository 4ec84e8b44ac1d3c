"""Export a journal: a book in plain-text accounting, which hledger adds up by itself."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import local_day

# In the order of their ids, which a transfer gets under the locks of its accounts.
_POSTED = text("""
    SELECT t.transfer_id, t.kind, t.reference, t.posted_at, t.asset_class,
        (SELECT json_agg(json_build_array(a.owner, e.amount) ORDER BY e.leg)
         FROM entry e JOIN account a USING (community_code, account_id)
         WHERE e.community_code = t.community_code AND e.transfer_id = t.transfer_id) AS entries
    FROM transfer t WHERE t.community_code = :code ORDER BY t.transfer_id
""")
_KEPT = text("""
    SELECT owner, asset_class, balance FROM account WHERE community_code = :code AND floor IS NOT NULL
    ORDER BY asset_class, owner
""")


async def export_journal(session: AsyncSession, community_code: str) -> AsyncIterator[bytes]:
    """Yield a book as a journal for hledger, sealed or not: it ends in the balances that the platform keeps.

    hledger adds up the entries by itself and refuses the journal where a transfer does not sum to 0, or where an
    account does not come to the balance asserted.
    """
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    yield f"; 社区 {community_code} 的积分账本 · the book of points of a community, for hledger\n\n".encode()
    last = ""
    rows = await session.stream(_POSTED, {"code": community_code}, execution_options={"yield_per": 1000})
    async for row in rows:
        last = max(last, local_day(row.posted_at).isoformat())
        yield _transaction(row).encode()
    kept = (await session.execute(_KEPT, {"code": community_code})).all()
    if last and kept:
        asserted = [f"    {row.owner}  0 {row.asset_class} = {row.balance} {row.asset_class}\n" for row in kept]
        yield f"{last} * 平台所记余额 · balances that the platform keeps\n{''.join(asserted)}\n".encode()


def _transaction(row: Row[Any]) -> str:
    reference = " ".join(row.reference.split())
    head = f"{local_day(row.posted_at)} * ({row.transfer_id}) {row.kind}  ; {reference}\n"
    return head + "".join(f"    {owner}  {amount} {row.asset_class}\n" for owner, amount in row.entries) + "\n"
