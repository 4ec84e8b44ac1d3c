"""HTTP: what the body of every command about a resident carries; slips, reserved hours and the equity report."""

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.scenarios.assistance.note_age_band import NoteAgeBand, note_age_band
from services.scenarios.assistance.print_slip import print_slip
from services.scenarios.assistance.queries import report_equity
from services.scenarios.assistance.reserve_hours import ReserveHours, reserve_hours
from services.scenarios.assistance.rules import STAFF_ROLES, Band
from services.scenarios.bookings.rules import BookingUnseen
from services.scenarios.spaces.rules import SpaceUnseen
from shared import problems
from shared.assistance import Channel
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode, ResidentId
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["代办 Assistance"], route_class=IdempotentRoute)


class ReserveBody(BaseModel):
    """Minutes of each day that the desk's channels have for themselves, and until how many hours before a start."""

    model_config = ConfigDict(from_attributes=True)

    from_minute: Annotated[int, Field(ge=0, lt=1440)]
    to_minute: Annotated[int, Field(gt=0, le=1440)]
    release_hours: Annotated[int, Field(ge=1, le=720)]

    @model_validator(mode="after")
    def _ordered(self) -> "ReserveBody":
        if self.from_minute >= self.to_minute:
            raise ValueError("to_minute 须大于 from_minute / to_minute comes after from_minute")
        return self


class AgeBandBody(BaseModel):
    """A resident's age band."""

    community_code: CommunityCode
    resident_id: ResidentId
    band: Band


class EquityRow(BaseModel):
    """How those of a channel and an age band were served; `wait_minutes` is the median until staff decided."""

    model_config = ConfigDict(from_attributes=True)

    channel: Channel
    band: Band | Literal["unknown"]
    asked: int
    succeeded: int
    wait_minutes: int
    missed: int


class Equity(BaseModel):
    """The equity report of a community."""

    items: list[EquityRow]


@router.get(
    "/bookings/{booking_id}/slip",
    summary="打印凭条 / Print a slip",
    response_class=Response,
    responses={**problems.responses(BookingUnseen), 200: {"content": {"application/pdf": {}}}},
)
async def slip(session: Transaction, who: Caller, booking_id: uuid.UUID) -> Response:
    """Give out a booking's slip: one page in large print, with a QR code to check in by."""
    return Response(await print_slip(session, booking_id, who), media_type="application/pdf")


@router.post(
    "/spaces/{space_id}/assisted-reserve",
    status_code=201,
    summary="代办预留 / Keep hours for assisted bookings",
    responses=problems.responses(SpaceUnseen, OutOfScope),
)
async def reserve(session: Transaction, who: Caller, space_id: uuid.UUID, body: ReserveBody) -> ReserveBody:
    """Keep hours of a space's day for those who book through the desk, until shortly before."""
    command = ReserveHours(space_id, body.from_minute, body.to_minute, body.release_hours, who)
    return ReserveBody.model_validate(await reserve_hours(session, command))


@router.post(
    "/age-bands", status_code=201, summary="登记年龄段 / Note an age band", responses=problems.responses(OutOfScope)
)
async def age_band(session: Transaction, who: Caller, body: AgeBandBody) -> AgeBandBody:
    """Note a resident's age band for the equity report; staff of the community may."""
    await note_age_band(session, NoteAgeBand(**body.model_dump(), by=who))
    return body


@router.get("/equity", summary="公平报告 / The equity report", responses=problems.responses(OutOfScope))
async def equity(
    session: Transaction,
    who: Caller,
    community_code: CommunityCode,
    since: Annotated[Moment, Query(alias="from")],
    until: Annotated[Moment, Query(alias="to")],
) -> Equity:
    """Report success, wait and missed bookings by channel and age band, of what was asked within [from, to)."""
    who.require(community_code, *STAFF_ROLES, "auditor")
    rows = await report_equity(session, community_code, (since, until))
    return Equity(items=[EquityRow.model_validate(row) for row in rows])
