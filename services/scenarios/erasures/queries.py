"""What a resident still has: to be given up, or to be waited for."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.bookings.tables import Booking
from services.scenarios.tariffs.tables import Payment
from services.scenarios.timebank.tables import HelpPost, HelpVisit
from services.scenarios.waitlist.tables import WaitlistEntry

BEFORE_HELP = ("pledging", "pledged")
IN_HELP = (*BEFORE_HELP, "started", "ended", "disputed")


async def find_bookings_ahead(session: AsyncSession, resident_id: uuid.UUID, now: datetime) -> Sequence[uuid.UUID]:
    """Return a resident's bookings that have not begun."""
    stands = or_(Booking.state == "confirmed", Booking.expires_at > now)
    ahead = select(Booking.id).where(Booking.resident_id == resident_id, Booking.starts_at > now, stands)
    return (await session.scalars(ahead.where(Booking.state.in_(("held", "requested", "confirmed"))))).all()


async def find_seats_ahead(session: AsyncSession, resident_id: uuid.UUID, now: datetime) -> Sequence[uuid.UUID]:
    """Return the activities that have not begun, and in which a resident has seats."""
    of = and_(Activity.community_code == SignUp.community_code, Activity.id == SignUp.activity_id)
    ahead = select(Activity.id).join(SignUp, of).where(SignUp.resident_id == resident_id, SignUp.state == "seated")
    return (await session.scalars(ahead.where(Activity.starts_at > now).order_by(Activity.id))).all()


async def find_waiting(session: AsyncSession, resident_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the places on waitlists that a resident has."""
    standing = WaitlistEntry.state.in_(("waiting", "offered"))
    return (
        await session.scalars(select(WaitlistEntry.id).where(WaitlistEntry.resident_id == resident_id, standing))
    ).all()


async def find_posts(session: AsyncSession, resident_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the requests and offers of help that nobody has answered."""
    mine = select(HelpPost.id).where(HelpPost.resident_id == resident_id, HelpPost.state == "open")
    return (await session.scalars(mine)).all()


def _party(resident_id: uuid.UUID) -> object:
    return or_(*(column == resident_id for column in (HelpVisit.giver_id, HelpVisit.receiver_id, HelpVisit.payer_id)))


async def find_visits_ahead(session: AsyncSession, resident_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the visits of the time bank that have not begun."""
    ahead = select(HelpVisit.id).where(_party(resident_id), HelpVisit.state.in_(BEFORE_HELP))  # type: ignore[arg-type]
    return (await session.scalars(ahead)).all()


async def is_under_way(session: AsyncSession, resident_id: uuid.UUID) -> bool:
    """Tell whether points or hours of a resident are still on their way: another service knows them by its id."""
    booking = and_(Booking.community_code == Payment.community_code, Booking.id == Payment.booking_id)
    stands = exists().where(booking, Booking.state.not_in(("cancelled", "declined")))  # else its points come back
    settled = or_(
        and_(Payment.done == 3, ~Payment.undoing, ~Payment.waiting, stands),  # noqa: PLR2004 - all steps
        and_(Payment.done == 0, Payment.undoing, ~Payment.waiting),
    )
    unposted = and_(HelpVisit.state == "confirmed", HelpVisit.posted.is_(None))
    paying = exists().where(Payment.resident_id == resident_id, ~settled)
    helping = exists().where(_party(resident_id), or_(HelpVisit.state.in_(IN_HELP), unposted))  # type: ignore[arg-type]
    return bool(await session.scalar(select(or_(paying, helping))))
