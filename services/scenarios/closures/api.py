"""HTTP: close spaces for a while, and open them again."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.availability.rules import PeriodReversed
from services.scenarios.closures.close_space import CloseSpace, close_space
from services.scenarios.closures.lift_closure import LiftClosure, lift_closure
from services.scenarios.closures.rules import ClosureUnseen
from services.scenarios.spaces.rules import SpaceUnseen
from services.scenarios.timetable.rules import BookingsInTheWay
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["停用 Closures"], route_class=IdempotentRoute)


class ClosureRequest(BaseModel):
    """From when until just before when a space is out of use, and why."""

    starts_at: Moment
    ends_at: Moment
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE, examples=["地面检修"])]


class ClosureView(ClosureRequest):
    """A closure."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: CommunityCode
    space_id: uuid.UUID
    lifted_at: Moment | None


@router.post(
    "/spaces/{space_id}/closures",
    status_code=201,
    summary="停用空间 / Close a space",
    responses=problems.responses(SpaceUnseen, OutOfScope, PeriodReversed, BookingsInTheWay),
)
async def close(session: Transaction, who: Caller, space_id: uuid.UUID, body: ClosureRequest) -> ClosureView:
    """Close a space for a period, and all that shares a unit with it; bookings must be moved out of the way first."""
    command = CloseSpace(space_id, (body.starts_at, body.ends_at), body.reason, who, datetime.now(UTC))
    return ClosureView.model_validate(await close_space(session, command))


@router.post(
    "/closures/{closure_id}/lifting",
    status_code=201,
    summary="恢复开放 / Lift a closure",
    responses=problems.responses(ClosureUnseen, OutOfScope),
)
async def lift(session: Transaction, who: Caller, closure_id: uuid.UUID) -> ClosureView:
    """Open a space before the closure's end."""
    return ClosureView.model_validate(await lift_closure(session, LiftClosure(closure_id, who, datetime.now(UTC))))
