"""Compute a netting window: what each community owes each other one, and who pays whom."""

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.queries import debts_of, get_window, overlaps
from services.points.clearing.rules import EarlierWindowPending, Method, WindowState, only_in, payments
from services.points.clearing.tables import NettingPayment, NettingWindow

# By each community's own book: all that ever went between two, of which the window before knows the larger part, less
# what windows hold that were not aborted. What an aborted one held is therefore in the next.
_NOTE_POSITIONS = text("""
    WITH pair AS (
        SELECT community_code, account_id, substr(owner, length('clearing:') + 1) AS counterparty
        FROM account
        WHERE kind = 'clearing' AND starts_with(community_code, :area) AND starts_with(owner, 'clearing:' || :area)
    ), known AS (
        SELECT DISTINCT ON (community_code, counterparty) community_code, counterparty, activity, up_to_xid
        FROM netting_position JOIN netting_window USING (number)
        ORDER BY community_code, counterparty, up_to_xid DESC
    ), held AS (
        SELECT community_code, counterparty, sum(owed) AS owed
        FROM netting_position JOIN netting_window USING (number) WHERE state <> 'aborted' GROUP BY 1, 2
    ), gone AS (
        SELECT community_code, counterparty, coalesce(known.activity, 0) + coalesce(sum(e.amount), 0) AS activity
        FROM pair LEFT JOIN known USING (community_code, counterparty)
        LEFT JOIN LATERAL (
            SELECT amount FROM entry JOIN transfer USING (community_code, transfer_id)
            WHERE community_code = pair.community_code AND account_id = pair.account_id AND kind <> 'settle'
              AND xid >= coalesce(known.up_to_xid, 0) AND xid < :up_to_xid
        ) AS e ON true
        GROUP BY community_code, counterparty, known.activity
    )
    INSERT INTO netting_position (community_code, number, counterparty, activity, owed)
    SELECT community_code, :number, counterparty, activity, activity - coalesce(held.owed, 0)
    FROM gone LEFT JOIN held USING (community_code, counterparty)
""")


async def compute_window(session: AsyncSession, number: int, *, by: str) -> NettingWindow:
    """Note what a closed window holds and who pays whom; a window without debts needs nobody's consent.

    Raises:
        WindowUnknown: There is none.
        WindowNotReady: It is not closed, or computed already.
        EarlierWindowPending: One that was closed before it, of an area that it shares, waits to be computed.
    """
    window = await get_window(session, number, lock=True)
    only_in(number, window.state, WindowState.CLOSED)
    earlier = await session.scalar(
        select(NettingWindow.number)
        .where(NettingWindow.state == WindowState.CLOSED, NettingWindow.number < number, overlaps(window.area))
        .with_for_update()
        .limit(1)
    )
    if earlier is not None:
        raise EarlierWindowPending(number=earlier)
    await session.execute(_NOTE_POSITIONS, {"area": window.area, "number": number, "up_to_xid": window.up_to_xid})
    debts = await debts_of(session, number)
    if paid := payments(Method(window.method), debts):
        rows = [
            {"community_code": p.debtor, "number": number, "creditor": p.creditor, "points": p.points} for p in paid
        ]
        await session.execute(insert(NettingPayment), rows)
    window.computed_by = by
    window.state = WindowState.COMPUTED if debts else WindowState.CONFIRMED
    await session.flush()
    return window
