"""HTTP: when a space is free."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.scenarios.availability.queries import find_first_free, find_free
from services.scenarios.availability.rules import PeriodReversed, SearchTooLong
from services.scenarios.spaces.rules import SpaceUnseen
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["空闲 Availability"], route_class=IdempotentRoute)


FunctionOf = Annotated[str, Query(pattern=r"^[a-z][a-z0-9-]{1,39}$", description="作何用途 / as what")]


class FreePeriod(BaseModel):
    """From when until just before when a space is free; any whole slots in it can be booked."""

    starts_at: Moment
    ends_at: Moment


class FreePeriods(BaseModel):
    """When a space is free."""

    items: list[FreePeriod]


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
    function: FunctionOf = "base",
) -> FreePeriods:
    """List when a space is free from now on, within [from, to)."""
    periods = await find_free(session, space_id, (since, until), datetime.now(UTC), function)
    return FreePeriods(items=[FreePeriod(starts_at=start, ends_at=end) for start, end in periods])


class FreeSpace(FreePeriod):
    """A space, and when it is free first."""

    space_id: uuid.UUID
    name: str


class FreeSpaces(BaseModel):
    """The spaces that are free soonest."""

    items: list[FreeSpace]


@router.get("/first-free", summary="最早可约的空间 / The spaces that are free soonest")
async def first_free(
    session: Transaction,
    _: Caller,
    community_code: CommunityCode,
    since: Annotated[Moment, Query(alias="from")],
    minutes: Annotated[int, Query(ge=5, le=1440, description="需要的分钟数 / for how long")],
    function: FunctionOf = "base",
) -> FreeSpaces:
    """List up to ten spaces of a community that are free soonest for so long, within a fortnight."""
    found = await find_first_free(
        session, community_code, since, timedelta(minutes=minutes), function=function, now=datetime.now(UTC)
    )
    return FreeSpaces(
        items=[FreeSpace(space_id=o.space_id, name=o.name, starts_at=s, ends_at=e) for o, (s, e) in found]
    )
