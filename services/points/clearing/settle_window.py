"""Settle a confirmed window: the books note its debts as paid, and operations is told who pays whom."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.queries import debts_of, get_window
from services.points.clearing.rules import Payment, SamePersonSettles, WindowState, net_debts, only_in
from services.points.clearing.tables import NettingPayment, NettingWindow
from services.points.ledger.post import post
from services.points.ledger.rules import SETTLEMENT, AssetClass, PostTransfer, TransferKind, clearing
from shared.errors import unless_refused
from shared.events.points import CommunitySettled, SettlementPayment
from shared.outbox import publish


async def settle_window(session: AsyncSession, number: int, *, by: str, now: datetime) -> NettingWindow:
    """Post, for each pair, that its difference has left the clearing accounts; payment itself is outside the book.

    Raises:
        WindowUnknown: There is none.
        WindowNotReady: It is not confirmed by all that take part.
        SamePersonSettles: The same person computed it.
    """
    window = await get_window(session, number, lock=True)
    only_in(number, window.state, WindowState.CONFIRMED)
    if window.computed_by == by:
        raise SamePersonSettles(number=number)
    debts = await debts_of(session, number)
    for outcome in await post(session, [_settling(number, debt) for debt in debts], now=now):
        unless_refused(outcome)
    window.state, window.settled_by, window.settled_at = WindowState.SETTLED, by, now
    await session.flush()
    if debts:
        await publish(session, *await _told(session, window, debts))
    return window


def _settling(number: int, debt: Payment) -> list[PostTransfer]:
    """Return the transfers that take a debt out of both books' clearing accounts, which stay mirrored."""

    def transfer(code: str, counterparty: str, points: int) -> PostTransfer:
        amounts = ((clearing(counterparty), -points), (SETTLEMENT, points))
        reference = f"netting:{number}:{counterparty}"
        return PostTransfer(code, AssetClass.SERVICE, TransferKind.SETTLE, reference, amounts)

    return [transfer(debt.debtor, debt.creditor, debt.points), transfer(debt.creditor, debt.debtor, -debt.points)]


async def _told(session: AsyncSession, window: NettingWindow, debts: list[Payment]) -> list[CommunitySettled]:
    paid: defaultdict[str, list[SettlementPayment]] = defaultdict(list)
    rows = (
        select(NettingPayment)
        .where(NettingPayment.number == window.number)
        .order_by(NettingPayment.community_code, NettingPayment.creditor)
    )
    for row in await session.scalars(rows):
        paid[row.community_code].append(SettlementPayment(counterparty=row.creditor, points=row.points))
        paid[row.creditor].append(SettlementPayment(counterparty=row.community_code, points=-row.points))
    return [
        CommunitySettled(
            community_code=code, window=window.number, net_points=net, payments=paid[code], settled_at=window.settled_at
        )
        for code, net in sorted(net_debts(debts).items())
    ]
