"""HTTP: book, look at and cancel."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scenarios.assistance.api import ChannelBody, ConsentBody, ResidentBody
from services.scenarios.assistance.rules import Channel, ChannelNotAllowed, ConsentMissing
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
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.bookings.confirm import Confirm, confirm
from services.scenarios.bookings.decide import Decide, decide
from services.scenarios.bookings.queries import find_booking
from services.scenarios.bookings.rules import (
    BookingBegun,
    BookingCancelled,
    BookingElsewhere,
    BookingLapsed,
    BookingUnseen,
    State,
    state_at,
)
from services.scenarios.bookings.tables import Booking
from services.scenarios.spaces.rules import OperatorDebarred, SpaceRetired, SpaceUnseen
from shared import problems
from shared.areas import CommunityCode
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["预约 Bookings"], route_class=IdempotentRoute)

SPACE_REFUSALS = (SpaceUnseen, SpaceRetired, OperatorDebarred)
PERIOD_REFUSALS = (PeriodReversed, PeriodPast, PeriodTooFar, PeriodTooLong, OutsideOpeningHours, PeriodOffGrid)
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

    id: uuid.UUID
    community_code: CommunityCode
    space_id: uuid.UUID
    resident_id: uuid.UUID
    function: str
    starts_at: Moment
    ends_at: Moment
    state: State
    expires_at: Annotated[Moment | None, Field(description="预占或申请的到期时间 / when the hold or request lapses")]
    sequence: Annotated[int, Field(description="改期次数 / how often its times have changed")]
    channel: Channel
    booked_by: str
    consent: ConsentBody | None
    booked_at: Moment
    cancelled_at: Moment | None


def _view(booking: Booking, now: datetime) -> BookingView:
    return BookingView.model_validate(
        {
            "id": booking.id,
            "community_code": booking.community_code,
            "space_id": booking.space_id,
            "resident_id": booking.resident_id,
            "function": booking.function,
            "starts_at": booking.starts_at,
            "ends_at": booking.ends_at,
            "state": state_at(booking.state, booking.expires_at, now),
            "expires_at": booking.expires_at,
            "sequence": booking.sequence,
            "channel": booking.channel,
            "booked_by": booking.given_by,
            "consent": booking.consent,
            "booked_at": booking.booked_at,
            "cancelled_at": booking.changed_at if booking.state == "cancelled" else None,
        }
    )


@router.post(
    "/bookings",
    status_code=201,
    summary="预约空间 / Book a space",
    responses=problems.responses(*SPACE_REFUSALS, *ASSISTANCE_REFUSALS, *PERIOD_REFUSALS, SlotTaken),
)
async def make(session: Transaction, who: Caller, body: BookingRequest) -> BookingView:
    """Book a space: a resident for itself, the desk for a resident who consented."""
    now = datetime.now(UTC)
    period = (body.starts_at, body.ends_at)
    command = Book(body.space_id, period, body.on_behalf(), who, now, body.hold, body.function)
    return _view(await book(session, command), now)


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
