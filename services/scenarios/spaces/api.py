"""HTTP: publish spaces and look at them."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scenarios.communities.queries import list_published
from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.spaces.partition_space import PartitionSpace, partition_space
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.queries import find_space, terms_of
from services.scenarios.spaces.retire_space import RetireSpace, retire_space
from services.scenarios.spaces.rules import (
    Hours,
    Opening,
    OpeningHoursOverlap,
    PartsInadmissible,
    SpaceComposite,
    SpaceUnseen,
    Terms,
    TermsUnbookable,
)
from services.scenarios.spaces.tables import Space
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize

router = APIRouter(prefix="/spaces", tags=["空间 Spaces"], route_class=IdempotentRoute)

DAY_MINUTES = 1440
TimeOfDay = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", examples=["08:30"])]


def _minute(time_of_day: str) -> int:
    hours, minutes = time_of_day.split(":")
    return int(hours) * 60 + int(minutes)


def _time_of_day(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


class DayHours(BaseModel):
    """A time of opening on a day, in China's time."""

    opens: TimeOfDay
    closes: TimeOfDay

    def hours(self) -> Hours:
        """Return the same in minutes from midnight."""
        return _minute(self.opens), _minute(self.closes)


class OpeningHours(DayHours):
    """A weekly time of opening, in China's time."""

    weekday: Annotated[int, Field(ge=1, le=7, description="1 为星期一 / 1 is Monday")]

    def opening(self) -> Opening:
        """Return the same in minutes from midnight."""
        return Opening(self.weekday, *self.hours())


class PartTerms(BaseModel):
    """What a space is called and on what terms it is booked."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
    opening_hours: Annotated[list[OpeningHours], Field(min_length=1, max_length=50)]
    slot_minutes: Annotated[int, Field(ge=5, le=DAY_MINUTES, description="预约起止的步长 / step of start and end")]
    buffer_minutes: Annotated[
        int, Field(ge=0, le=240, description="每次预约后的整理时间 / kept free after each booking")
    ] = 0
    longest_minutes: Annotated[int, Field(ge=5, le=DAY_MINUTES, description="单次最长时间 / longest booking")]
    holiday_hours: Annotated[
        list[DayHours] | None,
        Field(
            max_length=10, description="节假日开放时间，空列表为不开放，缺省同平日 / [] is closed, none as the weekday"
        ),
    ] = None
    make_up_workday_hours: Annotated[
        list[DayHours] | None, Field(max_length=10, description="调休上班日开放时间，缺省同平日 / on make-up workdays")
    ] = None
    approval_required: Annotated[bool, Field(description="预约须经审批 / staff approve each booking")] = False

    def terms(self) -> Terms:
        """Return the terms as the rules take them."""
        return Terms(
            tuple(hours.opening() for hours in self.opening_hours),
            self.slot_minutes,
            self.buffer_minutes,
            self.longest_minutes,
            _hours_of(self.holiday_hours),
            _hours_of(self.make_up_workday_hours),
            self.approval_required,
        )


def _hours_of(hours: list[DayHours] | None) -> tuple[Hours, ...] | None:
    return None if hours is None else tuple(each.hours() for each in hours)


class SpaceTerms(PartTerms):
    """A space of a community."""

    community_code: CommunityCode


class SpaceRequest(SpaceTerms):
    """A space to publish; one made of others is free when all of them are."""

    part_ids: Annotated[
        list[uuid.UUID], Field(max_length=50, description="组合空间的组成部分 / the spaces that it is made of")
    ] = []


class Partition(BaseModel):
    """Into what a space is divided."""

    parts: Annotated[list[PartTerms], Field(min_length=2, max_length=50)]


class SpaceView(SpaceTerms):
    """A published space; spaces that share a unit are not free at the same time."""

    id: uuid.UUID
    unit_ids: Annotated[list[uuid.UUID], Field(description="最小单元 / the atomic units that it is made of")]
    retired_at: Moment | None


class SpaceParts(BaseModel):
    """The parts of a space."""

    items: list[SpaceView]


def _day_hours(stored: list[list[int]] | None) -> list[DayHours] | None:
    if stored is None:
        return None
    return [DayHours(opens=_time_of_day(opens), closes=_time_of_day(closes)) for opens, closes in stored]


def _view(space: Space) -> SpaceView:
    hours = [
        OpeningHours(weekday=o.weekday, opens=_time_of_day(o.opens_minute), closes=_time_of_day(o.closes_minute))
        for o in terms_of(space).openings
    ]
    return SpaceView(
        id=space.id,
        community_code=space.community_code,
        name=space.name,
        opening_hours=hours,
        slot_minutes=space.slot_minutes,
        buffer_minutes=space.buffer_minutes,
        longest_minutes=space.longest_minutes,
        holiday_hours=_day_hours(space.holiday_hours),
        make_up_workday_hours=_day_hours(space.make_up_workday_hours),
        approval_required=space.approval_required,
        unit_ids=space.unit_ids,
        retired_at=space.retired_at,
    )


@router.post(
    "",
    status_code=201,
    summary="发布空间 / Publish a space",
    responses=problems.responses(OutOfScope, OpeningHoursOverlap, TermsUnbookable, CommunityUnknown, PartsInadmissible),
)
async def publish(session: Transaction, who: Caller, body: SpaceRequest) -> SpaceView:
    """Publish a space with its opening hours; staff of the community may."""
    command = PublishSpace(body.community_code, body.name, body.terms(), who, datetime.now(UTC), tuple(body.part_ids))
    return _view(await publish_space(session, command))


@router.get("", summary="社区的空间 / Spaces of a community", responses=problems.responses(BadCursor))
async def browse(
    session: Transaction, _: Caller, community_code: CommunityCode, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[SpaceView]:
    """List a community's spaces in the order they were published."""
    spaces, next_cursor = await list_published(session, Space, community_code, cursor, page_size)
    return Page(items=[_view(space) for space in spaces], next_cursor=next_cursor)


@router.get("/{space_id}", summary="一个空间 / A space", responses=problems.responses(SpaceUnseen))
async def show(session: Transaction, _: Caller, space_id: uuid.UUID) -> SpaceView:
    """Show a space and its terms."""
    return _view(await find_space(session, space_id))


@router.post(
    "/{space_id}/partition",
    status_code=201,
    summary="分隔空间 / Divide a space",
    responses=problems.responses(SpaceUnseen, OutOfScope, OpeningHoursOverlap, TermsUnbookable, SpaceComposite),
)
async def divide(session: Transaction, who: Caller, space_id: uuid.UUID, body: Partition) -> SpaceParts:
    """Divide a space into parts that are booked on their own; it stays, and what is booked of it is booked of each."""
    parts = tuple((part.name, part.terms()) for part in body.parts)
    divided = await partition_space(session, PartitionSpace(space_id, parts, who, datetime.now(UTC)))
    return SpaceParts(items=[_view(part) for part in divided])


@router.post(
    "/{space_id}/retirement",
    status_code=201,
    summary="停止开放空间 / Retire a space",
    responses=problems.responses(SpaceUnseen, OutOfScope),
)
async def retire(session: Transaction, who: Caller, space_id: uuid.UUID) -> SpaceView:
    """Take no new bookings of a space; those that stand are kept."""
    return _view(await retire_space(session, RetireSpace(space_id, who, datetime.now(UTC))))
