"""HTTP: what is free; book, look at and cancel."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.scenarios.assistance.api import ChannelBody, ConsentBody, ResidentBody
from services.scenarios.assistance.rules import Channel, ChannelNotAllowed, ConsentMissing
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.bookings.queries import find_booking, find_free
from services.scenarios.bookings.rules import (
    BookingBegun,
    BookingCancelled,
    BookingUnseen,
    OutsideOpeningHours,
    PeriodOffGrid,
    PeriodPast,
    PeriodReversed,
    PeriodTooFar,
    PeriodTooLong,
    SearchTooLong,
    SlotTaken,
)
from services.scenarios.bookings.tables import Booking
from services.scenarios.spaces.rules import OperatorDebarred, SpaceUnseen
from shared import problems
from shared.areas import CommunityCode
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["预约 Bookings"], route_class=IdempotentRoute)

PERIOD_REFUSALS = (PeriodReversed, PeriodPast, PeriodTooFar, PeriodTooLong, OutsideOpeningHours, PeriodOffGrid)
ASSISTANCE_REFUSALS = (OutOfScope, ChannelNotAllowed, ConsentMissing)


class FreePeriod(BaseModel):
    """From when until just before when a space is free; any whole slots in it can be booked."""

    starts_at: Moment
    ends_at: Moment


class FreePeriods(BaseModel):
    """When a space is free."""

    items: list[FreePeriod]


class BookingRequest(ResidentBody):
    """A space for a period, half-open, on the space's slots."""

    space_id: uuid.UUID
    starts_at: Annotated[Moment, Field(examples=["2027-03-01T09:00:00+08:00"])]
    ends_at: Annotated[Moment, Field(examples=["2027-03-01T10:00:00+08:00"])]


class BookingView(BaseModel):
    """A booking, for whom, and who made it."""

    id: uuid.UUID
    community_code: CommunityCode
    space_id: uuid.UUID
    resident_id: uuid.UUID
    starts_at: Moment
    ends_at: Moment
    state: Literal["confirmed", "cancelled"]
    channel: Channel
    booked_by: str
    consent: ConsentBody | None
    booked_at: Moment
    cancelled_at: Moment | None


def _view(booking: Booking, cancelled_at: datetime | None) -> BookingView:
    return BookingView.model_validate(
        {
            "id": booking.id,
            "community_code": booking.community_code,
            "space_id": booking.space_id,
            "resident_id": booking.resident_id,
            "starts_at": booking.starts_at,
            "ends_at": booking.ends_at,
            "state": "cancelled" if cancelled_at else "confirmed",
            "channel": booking.channel,
            "booked_by": booking.given_by,
            "consent": booking.consent,
            "booked_at": booking.booked_at,
            "cancelled_at": cancelled_at,
        }
    )


@router.get(
    "/spaces/{space_id}/free",
    summary="空闲时段 / When a space is free",
    responses=problems.responses(SpaceUnseen, PeriodReversed, SearchTooLong),
)
async def free(
    session: Transaction,
    _: Caller,
    space_id: uuid.UUID,
    since: Annotated[Moment, Query(alias="from")],
    until: Annotated[Moment, Query(alias="to")],
) -> FreePeriods:
    """List when a space is free from now on, within [from, to)."""
    periods = await find_free(session, space_id, (since, until), datetime.now(UTC))
    return FreePeriods(items=[FreePeriod(starts_at=start, ends_at=end) for start, end in periods])


@router.post(
    "/bookings",
    status_code=201,
    summary="预约空间 / Book a space",
    responses=problems.responses(SpaceUnseen, OperatorDebarred, *ASSISTANCE_REFUSALS, *PERIOD_REFUSALS, SlotTaken),
)
async def make(session: Transaction, who: Caller, body: BookingRequest) -> BookingView:
    """Book a space: a resident for itself, the desk for a resident who consented."""
    period = (body.starts_at, body.ends_at)
    command = Book(body.space_id, period, body.on_behalf(), who, datetime.now(UTC))
    return _view(await book(session, command), None)


@router.get("/bookings/{booking_id}", summary="一个预约 / A booking", responses=problems.responses(BookingUnseen))
async def show(session: Transaction, who: Caller, booking_id: uuid.UUID) -> BookingView:
    """Show a booking to its resident, or to staff of the community."""
    return _view(*await find_booking(session, booking_id, who))


@router.post(
    "/bookings/{booking_id}/cancellation",
    status_code=201,
    summary="取消预约 / Cancel a booking",
    responses=problems.responses(BookingUnseen, *ASSISTANCE_REFUSALS, BookingBegun, BookingCancelled),
)
async def give_up(session: Transaction, who: Caller, booking_id: uuid.UUID, body: ChannelBody) -> BookingView:
    """Cancel a booking that has not begun; its period is free at once."""
    now = datetime.now(UTC)
    command = Cancel(booking_id, body.channel, body.recorded_consent(), who, now)
    return _view(await cancel(session, command), now)
