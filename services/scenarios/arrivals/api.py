"""HTTP: arrive and leave, the roll of a day, where a resident stands, and appeals."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.arrivals.appeal import Appeal, DecideAppeal, appeal, decide_appeal
from services.scenarios.arrivals.arrive import Arrive, arrive
from services.scenarios.arrivals.exempt import Exempt, exempt
from services.scenarios.arrivals.leave import leave
from services.scenarios.arrivals.queries import list_day, list_no_shows
from services.scenarios.arrivals.rules import (
    AlreadyArrived,
    AppealElsewhere,
    NoCheckIn,
    NoShowUnseen,
    NotArrived,
    OutsideArrival,
    SlotReleased,
    Way,
)
from services.scenarios.arrivals.set_policy import SetPolicy, set_policy
from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.attendance.rules import WrongCode
from services.scenarios.bookings.queries import find_standing
from services.scenarios.bookings.rules import BookingUnseen
from services.scenarios.calendar.rules import midnight
from services.scenarios.spaces.queries import find_space
from services.scenarios.spaces.rules import SpaceUnseen
from shared import problems
from shared.assistance import subject_of
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode, ResidentId, VisitorId
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["到场 Arrivals"], route_class=IdempotentRoute)

Text = Annotated[str, Field(min_length=1, max_length=1_000, pattern=PRINTABLE)]


Day = Annotated[date, Query(ge=date(2000, 1, 1), lt=date(2100, 1, 1))]


class PolicyBody(BaseModel):
    """How long a booking waits for its people."""

    grace_minutes: Annotated[int, Field(ge=5, le=120)] = 15


class PolicyView(PolicyBody):
    """A space's policy, with the code to be shown at the door."""

    model_config = ConfigDict(from_attributes=True)

    space_id: uuid.UUID
    code: str


class ArrivalBody(BaseModel):
    """People who came: by the QR code of a slip or of the door, at the desk, or by name from the day's roll."""

    way: Way
    people: Annotated[int, Field(ge=1, le=10_000)] = 1
    code: Annotated[str | None, Field(max_length=20, description="门口签到码，本人签到时填写 / oneself")] = None


class ArrivalView(BaseModel):
    """An arrival on record."""

    model_config = ConfigDict(from_attributes=True)

    booking_id: uuid.UUID
    way: Way
    people: int
    arrived_at: Moment
    left_at: Moment | None


class RollEntry(BaseModel):
    """A booking of the day, for whom, and whether they are here."""

    booking_id: uuid.UUID
    resident_id: VisitorId
    starts_at: Moment
    ends_at: Moment
    arrived_at: Moment | None
    left_at: Moment | None


class Roll(BaseModel):
    """The bookings of a day."""

    items: list[RollEntry]


class ExemptionBody(BaseModel):
    """Whose missed bookings do not count until when, and where the reason lies."""

    community_code: CommunityCode
    resident_id: ResidentId
    until: Moment
    reference: Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]


class AppealBody(BaseModel):
    """Why it should not count."""

    text: Text


class DecisionBody(BaseModel):
    """Whether the appeal is upheld."""

    upheld: bool


class NoShowView(BaseModel):
    """A missed booking, or missed seats in an activity."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    booking_id: uuid.UUID | None
    activity_id: uuid.UUID | None
    missed_at: Moment
    excused_because: str | None
    appealed_at: Moment | None
    decided_at: Moment | None


class StandingView(BaseModel):
    """How much was missed that counts, until when the resident may not book, and what it was, to be appealed."""

    missed: int
    limited_until: Moment | None
    no_shows: list[NoShowView]


@router.post(
    "/spaces/{space_id}/check-in-policy",
    status_code=201,
    summary="设置签到 / Set a check-in policy",
    responses=problems.responses(SpaceUnseen, OutOfScope),
)
async def policy(session: Transaction, who: Caller, space_id: uuid.UUID, body: PolicyBody) -> PolicyView:
    """Let a space's bookings check in; whoever does not come in time loses the slot."""
    command = SetPolicy(space_id, body.grace_minutes, who, datetime.now(UTC))
    return PolicyView.model_validate(await set_policy(session, command))


@router.get(
    "/spaces/{space_id}/roll",
    summary="当日名单 / The roll of a day",
    responses=problems.responses(SpaceUnseen, OutOfScope),
)
async def roll(session: Transaction, who: Caller, space_id: uuid.UUID, day: Day) -> Roll:
    """List a day's bookings and who is here, for staff of the community to check in by name."""
    space = await find_space(session, space_id)
    who.require(space.community_code, *STAFF_ROLES)
    start = midnight(day)
    items = [
        RollEntry(
            booking_id=booking.id,
            resident_id=booking.resident_id,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            arrived_at=here.arrived_at if here else None,
            left_at=here.left_at if here else None,
        )
        for booking, here in await list_day(session, space, (start, start + timedelta(days=1)))
    ]
    return Roll(items=items)


@router.post(
    "/bookings/{booking_id}/arrival",
    status_code=201,
    summary="到场签到 / Arrive",
    responses=problems.responses(BookingUnseen, NoCheckIn, WrongCode, OutsideArrival, SlotReleased, AlreadyArrived),
)
async def come(session: Transaction, who: Caller, booking_id: uuid.UUID, body: ArrivalBody) -> ArrivalView:
    """Check in to a booking: seen by the desk or a device, or oneself with the code at the door."""
    command = Arrive(booking_id, body.way, body.people, body.code, who, datetime.now(UTC))
    return ArrivalView.model_validate(await arrive(session, command))


@router.post(
    "/bookings/{booking_id}/departure",
    status_code=201,
    summary="离场签退 / Leave",
    responses=problems.responses(BookingUnseen, NotArrived),
)
async def go(session: Transaction, who: Caller, booking_id: uuid.UUID) -> ArrivalView:
    """Check out of a booking."""
    return ArrivalView.model_validate(await leave(session, booking_id, who, datetime.now(UTC)))


@router.get(
    "/residents/{resident_id}/standing",
    summary="预约信用 / Where a resident stands",
    responses=problems.responses(OutOfScope),
)
async def stands(
    session: Transaction, who: Caller, resident_id: uuid.UUID, community_code: CommunityCode
) -> StandingView:
    """Show what was missed, and until when booking is limited: to oneself and to staff."""
    if who.subject != subject_of(resident_id):
        who.require(community_code, *STAFF_ROLES)
    found = await find_standing(session, community_code, resident_id, datetime.now(UTC))
    missed = await list_no_shows(session, community_code, resident_id)
    no_shows = [NoShowView.model_validate(each) for each in missed]
    return StandingView(missed=found.missed, limited_until=found.limited_until, no_shows=no_shows)


@router.post(
    "/exemptions", status_code=201, summary="豁免 / Exempt a resident", responses=problems.responses(OutOfScope)
)
async def spare(session: Transaction, who: Caller, body: ExemptionBody) -> ExemptionBody:
    """Exempt a resident for a time; staff of the community may."""
    await exempt(session, Exempt(**body.model_dump(), by=who))
    return body


@router.post(
    "/no-shows/{no_show_id}/appeal",
    status_code=201,
    summary="申诉 / Appeal",
    responses=problems.responses(NoShowUnseen, AppealElsewhere),
)
async def object_to(session: Transaction, who: Caller, no_show_id: uuid.UUID, body: AppealBody) -> NoShowView:
    """Appeal against a no-show, once: oneself, or staff for a resident."""
    return NoShowView.model_validate(await appeal(session, Appeal(no_show_id, body.text, who, datetime.now(UTC))))


@router.post(
    "/no-shows/{no_show_id}/decision",
    status_code=201,
    summary="裁定申诉 / Decide an appeal",
    responses=problems.responses(NoShowUnseen, OutOfScope, AppealElsewhere),
)
async def decide(session: Transaction, who: Caller, no_show_id: uuid.UUID, body: DecisionBody) -> NoShowView:
    """Uphold or dismiss an appeal; what is upheld does not count."""
    command = DecideAppeal(no_show_id, body.upheld, who, datetime.now(UTC))
    return NoShowView.model_validate(await decide_appeal(session, command))
