"""Draft a statement: all that moved on a merchant's account since the last one, and is final."""

import uuid
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.settlements.queries import lines_of
from services.points.settlements.rules import NothingToState, digest_of, reconciliation_file
from services.points.settlements.tables import MerchantStatement

# Below the oldest transaction that is still under way nothing is added any more.
_FINAL = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1")


async def draft_statement(
    session: AsyncSession, community_code: str, merchant_id: uuid.UUID, by: str, *, now: datetime
) -> MerchantStatement:
    """Draft a merchant's next statement.

    Raises:
        NothingToState: Nothing has moved.
    """
    name = {"name": f"merchant statement {community_code} {merchant_id}"}
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)
    own = MerchantStatement.community_code == community_code, MerchantStatement.merchant_id == merchant_id
    last = select(func.max(MerchantStatement.number), func.max(MerchantStatement.up_to_xid)).where(*own)
    number, after = (await session.execute(last)).one()
    up_to = await session.scalar(_FINAL)
    lines = await lines_of(session, community_code, merchant_id, after=after or 0, up_to=up_to or 0)
    if not lines:
        raise NothingToState
    statement = MerchantStatement(
        community_code=community_code,
        merchant_id=merchant_id,
        number=(number or 0) + 1,
        after_xid=after or 0,
        up_to_xid=up_to,
        lines=len(lines),
        points=sum(line.points for line in lines),
        digest=digest_of(reconciliation_file(lines)),
        drafted_by=by,
        drafted_at=now,
    )
    session.add(statement)
    await session.flush()
    return statement
