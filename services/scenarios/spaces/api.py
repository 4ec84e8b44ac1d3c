"""HTTP: publish spaces and look at them."""

import uuid
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scenarios.communities.queries import list_published
from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.queries import find_space, terms_of
from services.scenarios.spaces.rules import Opening, OpeningHoursOverlap, SpaceUnseen, Terms, TermsUnbookable
from services.scenarios.spaces.tables import Space
from shared import problems
from shared.areas import CommunityCode
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize

router = APIRouter(prefix="/spaces", tags=["空间 Spaces"], route_class=IdempotentRoute)

DAY_MINUTES = 1440
TimeOfDay = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", examples=["08:30"])]


class OpeningHours(BaseModel):
    """A weekly time of opening, in China's time."""

    weekday: Annotated[int, Field(ge=1, le=7, description="1 为星期一 / 1 is Monday")]
    opens: TimeOfDay
    closes: TimeOfDay

    def opening(self) -> Opening:
        """Return the same in minutes from midnight."""
        return Opening(self.weekday, _minute(self.opens), _minute(self.closes))


def _minute(time_of_day: str) -> int:
    hours, minutes = time_of_day.split(":")
    return int(hours) * 60 + int(minutes)


def _time_of_day(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


class SpaceTerms(BaseModel):
    """What a space is called and on what terms it is booked."""

    community_code: CommunityCode
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
    opening_hours: Annotated[list[OpeningHours], Field(min_length=1, max_length=50)]
    slot_minutes: Annotated[int, Field(ge=5, le=DAY_MINUTES, description="预约起止的步长 / step of start and end")]
    buffer_minutes: Annotated[
        int, Field(ge=0, le=240, description="每次预约后的整理时间 / kept free after each booking")
    ] = 0
    longest_minutes: Annotated[int, Field(ge=5, le=DAY_MINUTES, description="单次最长时间 / longest booking")]

    def terms(self) -> Terms:
        """Return the terms as the rules take them."""
        openings = tuple(hours.opening() for hours in self.opening_hours)
        return Terms(openings, self.slot_minutes, self.buffer_minutes, self.longest_minutes)


class SpaceView(SpaceTerms):
    """A published space."""

    id: uuid.UUID


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
    )


@router.post(
    "",
    status_code=201,
    summary="发布空间 / Publish a space",
    responses=problems.responses(OutOfScope, OpeningHoursOverlap, TermsUnbookable, CommunityUnknown),
)
async def publish(session: Transaction, who: Caller, body: SpaceTerms) -> SpaceView:
    """Publish a space with its opening hours; staff of the community may."""
    command = PublishSpace(body.community_code, body.name, body.terms(), who)
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
