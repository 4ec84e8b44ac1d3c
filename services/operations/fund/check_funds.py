"""Check all funds: each night, whatever the constraints hold by themselves."""

from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.fund.tables import Fund, FundCheck

_BROKEN = text("""
    SELECT community_code, 'the accounts do not sum to 0' AS what FROM fund_account
    GROUP BY community_code HAVING sum(balance_fen) <> 0
    UNION ALL
    SELECT a.community_code, 'the balance of ' || a.code || ' is not what its transfers come to'
    FROM fund_account a
    WHERE a.balance_fen <> coalesce((
        SELECT sum(CASE WHEN t.to_account = a.code THEN t.amount_fen ELSE -t.amount_fen END) FROM fund_transfer t
        WHERE t.community_code = a.community_code AND a.code IN (t.from_account, t.to_account)), 0)
    UNION ALL
    SELECT p.community_code, 'the payment ' || p.id || ' is approved by nobody, or its money did not move'
    FROM fund_payment p
    WHERE p.state IN ('approved', 'paid') AND NOT (
        EXISTS (SELECT FROM fund_approval a WHERE (a.community_code, a.payment_id) = (p.community_code, p.id))
        AND EXISTS (SELECT FROM fund_transfer t WHERE t.community_code = p.community_code
            AND t.reference = 'payment:' || p.id || ':' || 'approved' AND t.amount_fen = p.amount_fen))
    UNION ALL
    SELECT p.community_code, 'the payment ' || p.id || ' does not come to the points it settles'
    FROM fund_payment p JOIN fund f USING (community_code)
    WHERE p.points IS NOT NULL AND p.state <> 'rejected' AND (p.amount_fen <> p.points * f.fen_per_point
        OR p.points <> (SELECT sum(r.points) FROM fund_settled_receivable s
            JOIN receivable r USING (community_code, redemption_id)
            WHERE (s.community_code, s.payment_id) = (p.community_code, p.id)))
    ORDER BY 1, 2
""")


async def check_funds(session: AsyncSession, now: datetime) -> list[str]:
    """Check the invariants of all funds, keep the outcome, and return what is broken."""
    broken = [f"{community_code}: {what}" for community_code, what in await session.execute(_BROKEN)]
    funds = await session.scalar(select(func.count()).select_from(Fund)) or 0
    session.add(FundCheck(checked_at=now, funds=funds, broken=broken))
    return broken
