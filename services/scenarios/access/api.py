"""HTTP: door codes."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.access.enter import Enter, enter
from services.scenarios.access.grant_access import GrantAccess, grant_access
from services.scenarios.access.rules import EARLY, DoorClosed, NotConfirmed
from services.scenarios.bookings.rules import BookingUnseen
from services.scenarios.spaces.rules import SpaceUnseen
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["门禁 Access"], route_class=IdempotentRoute)

Code = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class GrantView(BaseModel):
    """A booking's door code, and when it opens."""

    booking_id: uuid.UUID
    code: Code
    opens_from: Moment
    opens_until: Moment


class EntryRequest(BaseModel):
    """What was typed at the door."""

    code: Code


class EntryView(BaseModel):
    """Whose booking opened the door."""

    model_config = ConfigDict(from_attributes=True)

    booking_id: uuid.UUID
    entered_at: Moment


@router.post(
    "/bookings/{booking_id}/access",
    status_code=201,
    summary="门禁码 / The door code of a booking",
    responses=problems.responses(BookingUnseen, NotConfirmed),
)
async def grant(session: Transaction, who: Caller, booking_id: uuid.UUID) -> GrantView:
    """Give the code of a confirmed booking; moved or cancelled, the code goes with the booking."""
    booking, made = await grant_access(session, GrantAccess(booking_id, who, datetime.now(UTC)))
    return GrantView(
        booking_id=booking.id,
        code=made.code,
        opens_from=booking.starts_at - EARLY,
        opens_until=booking.ends_at,
    )


@router.post(
    "/spaces/{space_id}/entries",
    status_code=201,
    summary="凭码进入 / Enter with a door code",
    responses=problems.responses(SpaceUnseen, OutOfScope, DoorClosed),
)
async def come_in(session: Transaction, who: Caller, space_id: uuid.UUID, body: EntryRequest) -> EntryView:
    """Tell a lock whether to open, and note that it did."""
    return EntryView.model_validate(await enter(session, Enter(space_id, body.code, who, datetime.now(UTC))))
