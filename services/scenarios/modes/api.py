"""HTTP: what else a space serves as."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.modes.define_mode import DefineMode, define_mode
from services.scenarios.modes.end_mode import EndMode, end_mode
from services.scenarios.modes.rules import ModeInadmissible, ModesClash, ModeUnseen
from services.scenarios.spaces.rules import SpaceUnseen
from services.scenarios.timetable.rules import BookingsInTheWay, Mode
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["功能模式 Function modes"], route_class=IdempotentRoute)

Function = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$", examples=["market"])]
Minute = Annotated[int, Field(ge=0, le=1440, description="自零点起的分钟 / minutes from midnight, China's time")]


class ModeRequest(BaseModel):
    """A function, on which days, between which hours, and what it goes together with."""

    function: Function
    weekdays: Annotated[
        list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7, description="适用的普通星期 / on ordinary days")
    ] = []
    on_holidays: bool = False
    on_make_up_workdays: bool = False
    starts_minute: Minute
    ends_minute: Minute
    change_over_minutes: Annotated[int, Field(ge=0, le=240, description="前后各留的转换时间 / on both sides")] = 0
    compatible_with: Annotated[
        list[Function],
        Field(max_length=20, description="可与之叠加的功能，base 为空间本来的功能 / may be laid over these"),
    ] = []
    bookable: Annotated[bool, Field(description="可否预约 / whether it can be booked")] = True
    valid_from: date
    valid_until: date

    def mode(self) -> Mode:
        """Return the mode as the rules take it."""
        return Mode(
            self.function,
            frozenset(self.weekdays),
            self.on_holidays,
            self.on_make_up_workdays,
            (self.starts_minute, self.ends_minute),
            self.change_over_minutes,
            frozenset(self.compatible_with),
            self.bookable,
            (self.valid_from, self.valid_until),
        )


class ModeView(ModeRequest):
    """A function mode."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: CommunityCode
    space_id: uuid.UUID
    ended_at: Moment | None


@router.post(
    "/spaces/{space_id}/modes",
    status_code=201,
    summary="设定功能模式 / Define a function mode",
    responses=problems.responses(SpaceUnseen, OutOfScope, ModeInadmissible, ModesClash, BookingsInTheWay),
)
async def define(session: Transaction, who: Caller, space_id: uuid.UUID, body: ModeRequest) -> ModeView:
    """Let a space serve another function by rule; what does not go with what is there is refused."""
    defined = await define_mode(session, DefineMode(space_id, body.mode(), who, datetime.now(UTC)))
    return ModeView.model_validate(defined)


@router.post(
    "/modes/{mode_id}/end",
    status_code=201,
    summary="结束功能模式 / End a function mode",
    responses=problems.responses(ModeUnseen, OutOfScope, BookingsInTheWay),
)
async def end(session: Transaction, who: Caller, mode_id: uuid.UUID) -> ModeView:
    """End a mode; bookings for its function must be moved out of the way first."""
    return ModeView.model_validate(await end_mode(session, EndMode(mode_id, who, datetime.now(UTC))))
