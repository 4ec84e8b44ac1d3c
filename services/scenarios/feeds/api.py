"""HTTP: calendars to subscribe to, and slots and appointments for health systems."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.responses import JSONResponse, Response

from services.scenarios.availability.queries import find_free
from services.scenarios.availability.rules import PeriodReversed, SearchTooLong
from services.scenarios.bookings.queries import find_booking
from services.scenarios.bookings.rules import BookingUnseen
from services.scenarios.feeds.queries import find_busy, item_of, items_of_resident, items_of_space
from services.scenarios.feeds.rules import Item, appointment, etag, icalendar, slot_bundle
from services.scenarios.spaces.queries import find_space
from services.scenarios.spaces.rules import SpaceUnseen
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import LEVEL, MASK
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["日历订阅 Feeds"], route_class=IdempotentRoute)

Seen = Annotated[str | None, Header(alias="If-None-Match")]
ICALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {}}},
    304: {"description": "未变化 / unchanged"},
}
FHIR = "application/fhir+json"
ACTOR = {"type": "object", "properties": {"reference": {"type": "string", LEVEL: "L2", MASK: "other"}}}
PARTICIPANTS = {"type": "array", "items": {"type": "object", "properties": {"actor": ACTOR}}}
APPOINTMENT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/json": {"schema": {"type": "object", "properties": {"participant": PARTICIPANTS}}}},
    },
}
"""Of all that FHIR has to say, who takes part: the door masks it to whom it is not open."""
RESIDENT = "resident:"


def _feed(name: str, items: list[Item], seen: str | None) -> Response:
    feed = icalendar(name, items)
    headers = {"ETag": etag(feed), "Cache-Control": "private, max-age=300"}
    if seen == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(feed, media_type="text/calendar", headers=headers)


@router.get(
    "/spaces/{space_id}/calendar.ics",
    summary="空间日历订阅 / A space's iCalendar feed",
    response_class=Response,
    responses={**problems.responses(SpaceUnseen), **ICALENDAR},
)
async def of_space(session: Transaction, _: Caller, space_id: uuid.UUID, seen: Seen = None) -> Response:
    """Give a space's bookings without a word of who booked; what was cancelled stays in the feed as cancelled."""
    space = await find_space(session, space_id)
    return _feed(space.name, await items_of_space(session, space.community_code, space.id, datetime.now(UTC)), seen)


@router.get(
    "/residents/{resident_id}/calendar.ics",
    summary="本人日历订阅 / One's own iCalendar feed",
    response_class=Response,
    responses={**problems.responses(OutOfScope), **ICALENDAR},
)
async def of_resident(session: Transaction, who: Caller, resident_id: uuid.UUID, seen: Seen = None) -> Response:
    """Give a resident its own bookings in all communities; nobody else may have them."""
    if who.subject != f"{RESIDENT}{resident_id}":
        raise OutOfScope(area="*", roles="resident")
    return _feed("我的预约", await items_of_resident(session, resident_id, datetime.now(UTC)), seen)


@router.get(
    "/spaces/{space_id}/fhir/Slot",
    summary="FHIR R4 号源 / FHIR R4 slots",
    response_class=JSONResponse,
    responses=problems.responses(SpaceUnseen, PeriodReversed, SearchTooLong),
)
async def slots(
    session: Transaction,
    _: Caller,
    space_id: uuid.UUID,
    since: Annotated[Moment, Query(alias="from")],
    until: Annotated[Moment, Query(alias="to")],
) -> JSONResponse:
    """Give a health scene's slots, free and busy, as a searchset."""
    now = datetime.now(UTC)
    space = await find_space(session, space_id)
    free = await find_free(session, space_id, (since, until), now)
    busy = await find_busy(session, space.community_code, space_id, (since, until), now)
    return JSONResponse(slot_bundle(space.id, space.name, free, busy), media_type=FHIR)


@router.get(
    "/bookings/{booking_id}/fhir/Appointment",
    summary="FHIR R4 预约 / A booking as a FHIR R4 appointment",
    response_class=JSONResponse,
    responses={**problems.responses(BookingUnseen), **APPOINTMENT},
)
async def as_appointment(session: Transaction, who: Caller, booking_id: uuid.UUID) -> JSONResponse:
    """Give a booking to its resident, or to staff of the community, as health systems read it."""
    booking = await find_booking(session, booking_id, who)
    space = await find_space(session, booking.space_id)
    resource = appointment(item_of(booking, space.name), space.id, booking.resident_id)
    return JSONResponse(resource, media_type=FHIR)
