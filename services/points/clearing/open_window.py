"""Open and close a netting window: what is committed until it closes is settled together."""

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.queries import get_window, overlaps
from services.points.clearing.rules import Method, WindowOpenAlready, WindowState, only_in
from services.points.clearing.tables import NettingWindow

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('open a netting window', 0))")
# All that a lesser transaction did is committed or undone: what is below can change no more.
_ALL_ENDED_BELOW = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


async def open_window(session: AsyncSession, area: str, method: Method, *, by: str, now: datetime) -> NettingWindow:
    """Open a window for the communities of an area, whose debts to each other will be paid by a method.

    Raises:
        WindowOpenAlready: One of this area, within it or around it is open.
    """
    await session.execute(_ONE_AT_A_TIME)
    other = await session.scalar(
        select(NettingWindow).where(NettingWindow.state == WindowState.OPEN, overlaps(area)).limit(1)
    )
    if other is not None:
        raise WindowOpenAlready(number=other.number, area=other.area)
    window = NettingWindow(area=area, method=method, state=WindowState.OPEN, opened_by=by, opened_at=now)
    session.add(window)
    await session.flush()
    return window


async def close_window(session: AsyncSession, number: int, *, now: datetime) -> NettingWindow:
    """Close a window at the present place in the order of commits, not at a time.

    What began before and is not committed yet belongs to the next window, whole.

    Raises:
        WindowUnknown: There is none.
        WindowNotReady: It is not open.
    """
    window = await get_window(session, number, lock=True)
    only_in(number, window.state, WindowState.OPEN)
    window.up_to_xid = await session.scalar(_ALL_ENDED_BELOW)
    window.state, window.closed_at = WindowState.CLOSED, now
    await session.flush()
    return window
