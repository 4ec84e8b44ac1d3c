"""HTTP: book, look at and cancel."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.arrivals.rules import BookingLimited
from services.scenarios.assistance.rules import STAFF_ROLES, ReservedForAssisted
from services.scenarios.availability.rules import (
    OutsideOpeningHours,
    PeriodOffGrid,
    PeriodPast,
    PeriodReversed,
    PeriodTooFar,
    PeriodTooLong,
    SlotTaken,
)
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.book_series import BookSeries, book_series
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.bookings.confirm import Confirm, confirm
from services.scenarios.bookings.decide import Decide, decide
from services.scenarios.bookings.edit_following import EditFollowing, edit_following
from services.scenarios.bookings.queries import find_booking, find_overlaps, list_bookings
from services.scenarios.bookings.reschedule import Reschedule, reschedule
from services.scenarios.bookings.rules import (
    BookingBegun,
    BookingCancelled,
    BookingElsewhere,
    BookingLapsed,
    BookingUnseen,
    QuotaExceeded,
    RuleInadmissible,
    SeriesConflicts,
    SeriesUnseen,
    State,
    state_at,
)
from services.scenarios.bookings.tables import Booking
from services.scenarios.spaces.rules import OperatorDebarred, SpaceRetired, SpaceUnseen
from shared import problems
from shared.assistance import (
    Channel,
    ChannelBody,
    ChannelNotAllowed,
    ConsentBody,
    ConsentMissing,
    ResidentBody,
    subject_of,
)
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode, ResidentId, Subject
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize

router = APIRouter(tags=["预约 Bookings"], route_class=IdempotentRoute)

SPACE_REFUSALS = (SpaceUnseen, SpaceRetired, OperatorDebarred)
PERIOD_REFUSALS = (PeriodReversed, PeriodPast, PeriodTooFar, PeriodTooLong, OutsideOpeningHours, PeriodOffGrid)
SHARE_REFUSALS = (ReservedForAssisted, BookingLimited, QuotaExceeded)
STATE_REFUSALS = (BookingLapsed, BookingCancelled, BookingElsewhere)
ASSISTANCE_REFUSALS = (OutOfScope, ChannelNotAllowed, ConsentMissing)


class BookingRequest(ResidentBody):
    """A space for a period, half-open, on the space's slots."""

    space_id: uuid.UUID
    starts_at: Annotated[Moment, Field(examples=["2027-03-01T09:00:00+08:00"])]
    ends_at: Annotated[Moment, Field(examples=["2027-03-01T10:00:00+08:00"])]
    function: Annotated[
        str,
        Field(pattern=r"^[a-z][a-z0-9-]{1,39}$", description="作何用途，见空间的功能模式 / what the space serves as"),
    ] = "base"
    hold: Annotated[bool, Field(description="仅预占十分钟，待确认 / hold for ten minutes, to be confirmed")] = False


class BookingView(BaseModel):
    """A booking, for whom, and who made it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: CommunityCode
    space_id: uuid.UUID
    resident_id: ResidentId
    function: str
    starts_at: Moment
    ends_at: Moment
    state: State
    expires_at: Annotated[Moment | None, Field(description="预占或申请的到期时间 / when the hold or request lapses")]
    sequence: Annotated[int, Field(description="改期次数 / how often its times have changed")]
    series_id: uuid.UUID | None
    channel: Channel
    booked_by: Annotated[Subject, Field(validation_alias="given_by")]
    consent: ConsentBody | None
    booked_at: Moment
    cancelled_at: Moment | None
    overlaps: Annotated[
        list[uuid.UUID], Field(description="该居民同一时间的其他预约，仅提醒 / the resident's others then: a warning")
    ] = []


def _view(booking: Booking, now: datetime, overlaps: Sequence[uuid.UUID] = ()) -> BookingView:
    seen = {"state": state_at(booking.state, booking.expires_at, now), "overlaps": list(overlaps)}
    return BookingView.model_validate(booking).model_copy(update=seen)


@router.post(
    "/bookings",
    status_code=201,
    summary="预约空间 / Book a space",
    responses=problems.responses(*SPACE_REFUSALS, *ASSISTANCE_REFUSALS, *PERIOD_REFUSALS, *SHARE_REFUSALS, SlotTaken),
)
async def make(session: Transaction, who: Caller, body: BookingRequest) -> BookingView:
    """Book a space: a resident for itself, the desk for a resident who consented."""
    now = datetime.now(UTC)
    period = (body.starts_at, body.ends_at)
    command = Book(body.space_id, period, body.on_behalf(), who, now, body.hold, body.function)
    booking = await book(session, command)
    return _view(booking, now, await find_overlaps(session, booking, now))


@router.get(
    "/bookings", summary="居民的预约 / A resident's bookings", responses=problems.responses(OutOfScope, BadCursor)
)
async def browse(
    session: Transaction,
    who: Caller,
    resident_id: uuid.UUID,
    *,
    community_code: CommunityCode | None = None,
    since: Annotated[Moment | None, Query(alias="from", description="缺省为现在 / now")] = None,
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Page[BookingView]:
    """List a resident's bookings, soonest first: its own in all communities, for staff those in one of theirs."""
    now = datetime.now(UTC)
    if who.subject != subject_of(resident_id):
        who.require(community_code or "", *STAFF_ROLES)
    within = (community_code, since or now)
    bookings, next_cursor = await list_bookings(session, resident_id, within, cursor, page_size)
    return Page(items=[_view(booking, now) for booking in bookings], next_cursor=next_cursor)


@router.get("/bookings/{booking_id}", summary="一个预约 / A booking", responses=problems.responses(BookingUnseen))
async def show(session: Transaction, who: Caller, booking_id: uuid.UUID) -> BookingView:
    """Show a booking to its resident, or to staff of the community."""
    return _view(await find_booking(session, booking_id, who), datetime.now(UTC))


@router.post(
    "/bookings/{booking_id}/confirmation",
    status_code=201,
    summary="确认预占 / Confirm a held booking",
    responses=problems.responses(BookingUnseen, *ASSISTANCE_REFUSALS, *STATE_REFUSALS),
)
async def keep(session: Transaction, who: Caller, booking_id: uuid.UUID, body: ChannelBody) -> BookingView:
    """Confirm a booking that is held, before it lapses; where staff approve, it is requested."""
    now = datetime.now(UTC)
    command = Confirm(booking_id, body.channel, body.recorded_consent(), who, now)
    return _view(await confirm(session, command), now)


class DecisionRequest(BaseModel):
    """What staff decide, and why."""

    approved: bool
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]


@router.post(
    "/bookings/{booking_id}/decision",
    status_code=201,
    summary="审批预约 / Approve or decline a requested booking",
    responses=problems.responses(BookingUnseen, OutOfScope, *STATE_REFUSALS),
)
async def rule_on(session: Transaction, who: Caller, booking_id: uuid.UUID, body: DecisionRequest) -> BookingView:
    """Approve or decline; of several who decide at once the first does, and the others are told what it is now."""
    now = datetime.now(UTC)
    return _view(await decide(session, Decide(booking_id, body.approved, body.reason, who, now)), now)


@router.post(
    "/bookings/{booking_id}/cancellation",
    status_code=201,
    summary="取消预约 / Cancel a booking",
    responses=problems.responses(BookingUnseen, *ASSISTANCE_REFUSALS, BookingBegun, *STATE_REFUSALS),
)
async def give_up(session: Transaction, who: Caller, booking_id: uuid.UUID, body: ChannelBody) -> BookingView:
    """Cancel a booking that has not begun; its period is free at once."""
    now = datetime.now(UTC)
    command = Cancel(booking_id, body.channel, body.recorded_consent(), who, now)
    return _view(await cancel(session, command), now)


class Times(ChannelBody):
    """From when until just before when, half-open."""

    starts_at: Moment
    ends_at: Moment


MOVE_REFUSALS = (BookingUnseen, *ASSISTANCE_REFUSALS, BookingBegun, *STATE_REFUSALS)


@router.post(
    "/bookings/{booking_id}/rescheduling",
    status_code=201,
    summary="改期 / Move a booking to another time",
    responses=problems.responses(
        *MOVE_REFUSALS, SpaceRetired, *PERIOD_REFUSALS, ReservedForAssisted, SlotTaken, QuotaExceeded
    ),
)
async def put_off(session: Transaction, who: Caller, booking_id: uuid.UUID, body: Times) -> BookingView:
    """Move a booking to another time of the same space; it keeps its id, or its old time if the new one is taken."""
    now = datetime.now(UTC)
    period = (body.starts_at, body.ends_at)
    command = Reschedule(booking_id, period, body.channel, body.recorded_consent(), who, now)
    booking = await reschedule(session, command)
    return _view(booking, now, await find_overlaps(session, booking, now))


OnConflict = Annotated[
    Literal["refuse", "skip"], Field(description="冲突时全部不预约，或跳过 / all or nothing, or skip")
]


class SeriesRequest(BookingRequest):
    """A first booking, and how it recurs."""

    rule: Annotated[str, Field(max_length=200, examples=["FREQ=WEEKLY;COUNT=10"], description="RFC 5545 RRULE")]
    on_conflict: OnConflict = "refuse"


class SeriesView(BaseModel):
    """The bookings of a series, and what could not be had."""

    series_id: uuid.UUID
    items: list[BookingView]
    conflicts: list[dict[str, str]]


@router.post(
    "/booking-series",
    status_code=201,
    summary="系列预约 / Book by a recurrence rule",
    responses=problems.responses(SpaceUnseen, SpaceRetired, *ASSISTANCE_REFUSALS, RuleInadmissible, SeriesConflicts),
)
async def make_series(session: Transaction, who: Caller, body: SeriesRequest) -> SeriesView:
    """Book each occurrence of a rule; what cannot be had is skipped, or nothing is booked, as you choose."""
    now = datetime.now(UTC)
    first = Book(body.space_id, (body.starts_at, body.ends_at), body.on_behalf(), who, now, body.hold, body.function)
    series, booked, left_out = await book_series(session, BookSeries(first, body.rule, body.on_conflict == "skip"))
    return SeriesView(series_id=series.id, items=[_view(one, now) for one in booked], conflicts=left_out)


class FollowingRequest(Times):
    """Where a booking of a series is moved; those that follow are moved by as much."""

    on_conflict: OnConflict = "refuse"


@router.post(
    "/bookings/{booking_id}/following",
    status_code=201,
    summary="修改此次及以后各次 / Move a booking of a series and those that follow",
    responses=problems.responses(*MOVE_REFUSALS, SpaceRetired, SeriesUnseen, SeriesConflicts),
)
async def edit(session: Transaction, who: Caller, booking_id: uuid.UUID, body: FollowingRequest) -> SeriesView:
    """Move a booking and those of its series that follow by as much; what cannot be moved stays, or nothing moves."""
    now = datetime.now(UTC)
    period = (body.starts_at, body.ends_at)
    to = Reschedule(booking_id, period, body.channel, body.recorded_consent(), who, now)
    series_id, moved, left = await edit_following(session, EditFollowing(to, body.on_conflict == "skip"))
    return SeriesView(series_id=series_id, items=[_view(one, now) for one in moved], conflicts=left)
