"""Move a booking from one state to the next."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.bookings.rules import State, state_at, why_not_moved
from services.scenarios.bookings.tables import Booking
from services.scenarios.claims.claim_units import release_units

# The claims decide, not the clock of this process: what someone has released because it had expired is gone.
_KEEP = text("""
    UPDATE claim SET expires_at = :expires_at
    WHERE community_code = :community_code AND booking_id = :booking_id AND state <> 'released'
    RETURNING id
""")
_SWAP = text("""
    UPDATE booking SET state = :state, expires_at = :expires_at, changed_at = :now
    WHERE community_code = :community_code AND id = :booking_id AND state = ANY(CAST(:expected AS text[]))
      AND (expires_at IS NULL OR expires_at > :now)
    RETURNING id
""")


async def move(
    session: AsyncSession,
    booking: Booking,
    expected: tuple[State, ...],
    to: tuple[State, datetime | None],
    now: datetime,
) -> None:
    """Move a booking, by compare-and-swap, and its claims with it: of many who try at once, one does.

    Args:
        session: The transaction.
        booking: As it was read; as it is, afterwards.
        expected: The states that it may be in.
        to: The next state, and when that lapses.
        now: The moment of moving.

    Raises:
        BookingLapsed: It was held or requested until before now.
        BookingCancelled, BookingElsewhere: It is in another state.
    """
    parameters = {"community_code": booking.community_code, "booking_id": booking.id, "expires_at": to[1]}
    swapped = await session.execute(_SWAP, parameters | {"state": to[0], "expected": list(expected), "now": now})
    moved = swapped.first() is not None
    if moved and to[0] in {"declined", "cancelled"}:
        await release_units(session, booking.community_code, booking.id)
    elif moved and (await session.execute(_KEEP, parameters)).first() is None:
        raise why_not_moved(str(booking.id), "lapsed", "、".join(expected))
    await session.refresh(booking)
    if not moved:
        state = state_at(booking.state, booking.expires_at, now)
        raise why_not_moved(str(booking.id), state, "、".join(expected))
