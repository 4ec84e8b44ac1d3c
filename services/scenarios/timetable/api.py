"""HTTP: why a space cannot be booked."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.scenarios.availability.api import FunctionOf
from services.scenarios.spaces.rules import SpaceUnseen
from services.scenarios.timetable.explain import explain
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["空闲 Availability"], route_class=IdempotentRoute)


class Bookability(BaseModel):
    """Whether a space can be booked for a period, and all that stands against it."""

    bookable: bool
    reasons: Annotated[list[problems.Problem], Field(description="全部原因，与拒绝预约时的问题类型一致 / all of them")]


@router.get(
    "/spaces/{space_id}/bookability",
    summary="为何不可预约 / Why a space cannot be booked",
    responses=problems.responses(SpaceUnseen),
)
async def why(
    session: Transaction,
    _: Caller,
    space_id: uuid.UUID,
    since: Annotated[Moment, Query(alias="from")],
    until: Annotated[Moment, Query(alias="to")],
    function: FunctionOf = "base",
) -> Bookability:
    """Say whether a space can be booked for [from, to), and if not, each reason: hours, closures, functions, others."""
    reasons = await explain(session, space_id, (since, until), function, datetime.now(UTC))
    return Bookability(bookable=not reasons, reasons=[problems.described(reason) for reason in reasons])
