"""Reads about bookings."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import DateTime, Uuid, bindparam, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.arrivals.rules import BookingLimited, Standing, standing
from services.scenarios.assistance.rules import STAFF_ROLES, ReservedForAssisted
from services.scenarios.bookings.rules import BookingUnseen, QuotaExceeded, SeriesUnseen
from services.scenarios.bookings.tables import Booking
from shared.assistance import ASSISTED_CHANNELS, subject_of
from shared.clock import CHINA, Period
from shared.events.scenarios import BookingCancelled, BookingConfirmed
from shared.identity import Identity
from shared.pagination import BadCursor, decode_cursor, encode_cursor


async def find_booking(session: AsyncSession, booking_id: uuid.UUID, who: Identity) -> Booking:
    """Return a booking that the caller may see.

    Raises:
        BookingUnseen: There is none, or it is another resident's and the caller no staff of the community.
    """
    booking = await session.scalar(select(Booking).where(Booking.id == booking_id))
    if booking is None or not _sees(who, booking):
        raise BookingUnseen(booking_id=str(booking_id))
    return booking


_QUOTA = text("""
    SELECT q.minutes_a_week, coalesce(m.household_id, :resident_id) AS household_id
    FROM booking_quota q
    LEFT JOIN household_member m ON m.community_code = q.community_code AND m.resident_id = :resident_id
    WHERE q.community_code = :community_code
""").bindparams(bindparam("resident_id", type_=Uuid()))
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:household, 1))")
_MINUTES = text("""
    SELECT coalesce(sum(extract(epoch FROM b.ends_at - b.starts_at)), 0)::bigint / 60
    FROM booking b LEFT JOIN household_member m ON m.community_code = b.community_code AND m.resident_id = b.resident_id
    WHERE b.community_code = :community_code AND coalesce(m.household_id, b.resident_id) = :household_id
      AND b.state IN ('held', 'requested', 'confirmed') AND (b.expires_at IS NULL OR b.expires_at > :now)
      AND date_trunc('week', b.starts_at, 'Asia/Shanghai') = date_trunc('week', :starts_at, 'Asia/Shanghai')
""").bindparams(
    bindparam("household_id", type_=Uuid()),
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("starts_at", type_=DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Quota:
    """What a household may book in a week."""

    household_id: uuid.UUID
    minutes_a_week: int


async def lock_quota(session: AsyncSession, community_code: str, resident_id: uuid.UUID) -> Quota | None:
    """Return a resident's quota, if the community has any, once nobody else of its household is booking.

    It comes before any unit is claimed: two of a household must neither book past each other nor wait for each other.
    """
    asked = {"community_code": community_code, "resident_id": resident_id}
    row = (await session.execute(_QUOTA, asked)).one_or_none()
    if row is None:
        return None
    await session.execute(_LOCK, {"household": str(row.household_id)})
    return Quota(row.household_id, row.minutes_a_week)


async def admit_quota(session: AsyncSession, quota: Quota | None, booking: Booking, now: datetime) -> None:
    """Refuse a booking, just made or moved, with which its household would have more than its share of the week.

    Raises:
        QuotaExceeded: It would; the transaction is to be taken back.
    """
    if quota is None:
        return
    parameters = {"household_id": quota.household_id, "now": now, "starts_at": booking.starts_at}
    minutes = await session.scalar(_MINUTES, parameters | {"community_code": booking.community_code})
    if minutes and minutes > quota.minutes_a_week:
        raise QuotaExceeded(minutes_a_week=quota.minutes_a_week, minutes=minutes)


async def find_overlaps(session: AsyncSession, booking: Booking, now: datetime) -> Sequence[uuid.UUID]:
    """Return the resident's other standing bookings at the same time, in whatever community."""
    found = await session.scalars(
        select(Booking.id)
        .where(Booking.resident_id == booking.resident_id, Booking.id != booking.id)
        .where(Booking.starts_at < booking.ends_at, Booking.ends_at > booking.starts_at)
        .where(Booking.state.in_(("held", "requested", "confirmed")))
        .where(or_(Booking.expires_at.is_(None), Booking.expires_at > now))
        .order_by(Booking.starts_at)
    )
    return found.all()


async def list_bookings(
    session: AsyncSession,
    resident_id: uuid.UUID,
    within: tuple[str | None, datetime],
    cursor: str | None,
    page_size: int,
) -> tuple[Sequence[Booking], str | None]:
    """Return a page of a resident's bookings that end after a moment, soonest first, and the cursor of the next page.

    Args:
        session: The transaction.
        resident_id: Whose.
        within: Of which community, or of all; and from which moment on.
        cursor: Of the page before.
        page_size: How many.

    Raises:
        BadCursor: The cursor is not one of such a list.
    """
    community_code, since = within
    query = select(Booking).where(Booking.resident_id == resident_id, Booking.ends_at > since)
    if community_code:
        query = query.where(Booking.community_code == community_code)
    if cursor:
        query = query.where(tuple_(Booking.starts_at, Booking.id) > tuple_(*_position(cursor)))
    rows = (await session.scalars(query.order_by(Booking.starts_at, Booking.id).limit(page_size + 1))).all()
    page = rows[:page_size]
    more = len(rows) > page_size
    return page, encode_cursor(page[-1].starts_at.isoformat(), str(page[-1].id)) if more else None


def _position(cursor: str) -> tuple[datetime, uuid.UUID]:
    starts_at, booking_id = decode_cursor(cursor, str, str)
    try:
        return datetime.fromisoformat(str(starts_at)).astimezone(UTC), uuid.UUID(str(booking_id))
    except (ValueError, OverflowError) as error:
        raise BadCursor from error


async def find_following(session: AsyncSession, series_id: uuid.UUID, since: datetime, who: Identity) -> list[Booking]:
    """Return the standing bookings of a series that start at a moment or later, soonest first, all of them locked.

    All before any is moved, and in one order: who moves one of them meanwhile is waited for with nothing else in hand.

    Raises:
        SeriesUnseen: There are none that the caller may see.
    """
    found = await session.scalars(
        select(Booking)
        .where(Booking.series_id == series_id, Booking.starts_at >= since)
        .where(Booking.state.in_(("requested", "confirmed")))
        .order_by(Booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    following = [booking for booking in found if _sees(who, booking)]
    if not following:
        raise SeriesUnseen(series_id=str(series_id))
    return sorted(following, key=lambda booking: booking.starts_at)


def _sees(who: Identity, booking: Booking) -> bool:
    return who.subject == subject_of(booking.resident_id) or who.holds(booking.community_code, *STAFF_ROLES)


def confirmed(booking: Booking) -> BookingConfirmed:
    """Return what is told of a booking that is confirmed."""
    return BookingConfirmed(
        community_code=booking.community_code,
        booking_id=booking.id,
        space_id=booking.space_id,
        resident_id=booking.resident_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        channel=booking.channel,
    )


def cancelled(booking: Booking, now: datetime) -> BookingCancelled:
    """Return what is told of a booking that was confirmed and is given up, by whomever."""
    return BookingCancelled(
        community_code=booking.community_code,
        booking_id=booking.id,
        space_id=booking.space_id,
        resident_id=booking.resident_id,
        cancelled_at=now,
    )


_MISSED = text("""
    SELECT missed_at FROM no_show
    WHERE community_code = :community_code AND resident_id = :resident_id AND excused_because IS NULL
""")


async def find_standing(session: AsyncSession, community_code: str, resident_id: uuid.UUID, now: datetime) -> Standing:
    """Return where a resident stands in a community by the bookings it has missed."""
    missed = await session.scalars(_MISSED, {"community_code": community_code, "resident_id": resident_id})
    return standing(missed, now)


async def require_unlimited(session: AsyncSession, community_code: str, resident_id: uuid.UUID, now: datetime) -> None:
    """Refuse a booking of a resident who may not book for a while.

    Raises:
        BookingLimited: Too many bookings were missed lately.
    """
    found = await find_standing(session, community_code, resident_id, now)
    if found.limited_until:
        raise BookingLimited(missed=found.missed, limited_until=found.limited_until.isoformat())


_RESERVED = text("""
    SELECT release_hours FROM assisted_reserve
    WHERE community_code = :community_code AND space_id = :space_id
      AND (from_minute < :to_minute AND to_minute > :from_minute OR from_minute + 1440 < :to_minute)
      AND CAST(:starts_at AS timestamptz) - make_interval(hours => release_hours::int) > :now
""")


async def require_unreserved(
    session: AsyncSession, space: tuple[str, uuid.UUID], period: Period, channel: str, now: datetime
) -> None:
    """Refuse a resident's own channels the hours that are kept for assisted ones; the space by its community and id.

    Raises:
        ReservedForAssisted: They are kept, and it is not yet shortly before the start.
    """
    if channel in ASSISTED_CHANNELS:
        return
    start, end = (moment.astimezone(CHINA) for moment in period)
    from_minute = start.hour * 60 + start.minute
    asked = {
        "community_code": space[0],
        "space_id": space[1],
        "from_minute": from_minute,
        "to_minute": from_minute + int((end - start).total_seconds()) // 60,
        "starts_at": period[0],
        "now": now,
    }
    release_hours = await session.scalar(_RESERVED, asked)
    if release_hours is not None:
        raise ReservedForAssisted(release_hours=release_hours)
