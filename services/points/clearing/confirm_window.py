"""Confirm a computed window for a community, and abort one that somebody does not agree with."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.queries import debts_of, get_window
from services.points.clearing.rules import NoPartInWindow, WindowState, net_debts, only_in
from services.points.clearing.tables import NettingConfirmation, NettingWindow


async def confirm_window(
    session: AsyncSession, number: int, community_code: str, *, by: str, now: datetime
) -> NettingWindow:
    """Note that a community agrees; when all that take part have, the window is confirmed.

    Raises:
        WindowUnknown: There is none.
        WindowNotReady: It is not computed, or settled or aborted.
        NoPartInWindow: The community owes nothing in it and is owed nothing.
    """
    window = await get_window(session, number, lock=True)
    only_in(number, window.state, WindowState.COMPUTED, WindowState.CONFIRMED)
    taking_part = net_debts(await debts_of(session, number)).keys()
    if community_code not in taking_part:
        raise NoPartInWindow(number=number, community_code=community_code)
    row = {"community_code": community_code, "number": number, "confirmed_by": by, "confirmed_at": now}
    await session.execute(insert(NettingConfirmation).values(row).on_conflict_do_nothing())
    agreed = await session.scalars(
        select(NettingConfirmation.community_code).where(NettingConfirmation.number == number)
    )
    if taking_part <= set(agreed):
        window.state = WindowState.CONFIRMED
    await session.flush()
    return window


async def abort_window(session: AsyncSession, number: int, *, by: str, because: str) -> NettingWindow:
    """Give a window up before it is settled; what it held goes into the next that is computed.

    Raises:
        WindowUnknown: There is none.
        WindowNotReady: It is settled or aborted.
    """
    window = await get_window(session, number, lock=True)
    only_in(number, window.state, WindowState.OPEN, WindowState.CLOSED, WindowState.COMPUTED, WindowState.CONFIRMED)
    window.state, window.aborted_by, window.aborted_because = WindowState.ABORTED, by, because
    await session.flush()
    return window
