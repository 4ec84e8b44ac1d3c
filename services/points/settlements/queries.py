"""Reads of what a merchant is owed, and of its statements."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.rules import merchant
from services.points.settlements.rules import Line, StatementUnknown
from services.points.settlements.tables import ApproverKey, MerchantStatement

_LINES = text("""
    SELECT transfer_id, transfer.kind AS kind, reference, posted_at, sum(amount)::bigint AS points
    FROM account JOIN entry USING (community_code, account_id) JOIN transfer USING (community_code, transfer_id)
    WHERE account.community_code = :code AND owner = :owner AND account.asset_class = 'service'
      AND xid > :after AND xid <= :up_to AND transfer.kind <> 'settle'
    GROUP BY transfer_id, transfer.kind, reference, posted_at ORDER BY transfer_id
""")
_BALANCE = text("""
    SELECT coalesce(sum(amount), 0)::bigint FROM account JOIN entry USING (community_code, account_id)
    WHERE account.community_code = :code AND owner = :owner AND account.asset_class = 'service'
""")


async def lines_of(
    session: AsyncSession, community_code: str, merchant_id: uuid.UUID, *, after: int, up_to: int
) -> list[Line]:
    """Return what moved on a merchant's account in transactions after one up to another, in the order of posting."""
    bound = {"code": community_code, "owner": merchant(merchant_id).owner, "after": after, "up_to": up_to}
    return [
        Line(row.transfer_id, row.kind, row.reference, row.posted_at.isoformat(), row.points)
        for row in await session.execute(_LINES, bound)
    ]


async def balance_of(session: AsyncSession, community_code: str, merchant_id: uuid.UUID) -> int:
    """Return what the book owes a merchant: all it took, less what it gave back and was paid."""
    bound = {"code": community_code, "owner": merchant(merchant_id).owner}
    return int(await session.scalar(_BALANCE, bound) or 0)


async def get_statement(
    session: AsyncSession, community_code: str, merchant_id: uuid.UUID, number: int, *, lock: bool = False
) -> MerchantStatement:
    """Return a statement.

    Raises:
        StatementUnknown: There is none.
    """
    statement = await session.get(
        MerchantStatement, (community_code, merchant_id, number), with_for_update=lock, populate_existing=lock
    )
    if statement is None:
        raise StatementUnknown(merchant_id=merchant_id, number=number)
    return statement


async def statements_of(
    session: AsyncSession, community_code: str, merchant_id: uuid.UUID
) -> Sequence[MerchantStatement]:
    """Return a merchant's statements, the newest first."""
    found = select(MerchantStatement).where(
        MerchantStatement.community_code == community_code, MerchantStatement.merchant_id == merchant_id
    )
    return (await session.scalars(found.order_by(MerchantStatement.number.desc()))).all()


async def key_for(session: AsyncSession, community_code: str) -> ApproverKey | None:
    """Return the newest key of the community's street, or of the district if the street has none."""
    found = select(ApproverKey).where(ApproverKey.area.in_([community_code[:9], community_code[:6]]))
    return await session.scalar(found.order_by(ApproverKey.area.desc(), ApproverKey.version.desc()).limit(1))
