"""HTTP: when a space is free."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.scenarios.availability.queries import find_free
from services.scenarios.availability.rules import PeriodReversed, SearchTooLong
from services.scenarios.spaces.rules import SpaceUnseen
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["空闲 Availability"], route_class=IdempotentRoute)


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
) -> FreePeriods:
    """List when a space is free from now on, within [from, to)."""
    periods = await find_free(session, space_id, (since, until), datetime.now(UTC))
    return FreePeriods(items=[FreePeriod(starts_at=start, ends_at=end) for start, end in periods])
