"""HTTP: check in to activities and out of them."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.activities.rules import ActivityUnseen
from services.scenarios.attendance.check_in import check_in
from services.scenarios.attendance.check_out import check_out
from services.scenarios.attendance.queries import Attend
from services.scenarios.attendance.rules import (
    AlreadyCheckedIn,
    AlreadyCheckedOut,
    NotCheckedIn,
    NotSignedUp,
    OutBeforeIn,
    OutsideActivity,
    TimeNotAllowed,
    WrongCode,
)
from shared import problems
from shared.assistance import ChannelNotAllowed, ConsentMissing, ResidentBody
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode, ResidentId
from shared.idempotency import IdempotentRoute
from shared.identity import Caller, Identity

router = APIRouter(prefix="/activities/{activity_id}", tags=["签到 Attendance"], route_class=IdempotentRoute)

REFUSALS = (
    ActivityUnseen,
    OutOfScope,
    ChannelNotAllowed,
    ConsentMissing,
    WrongCode,
    NotSignedUp,
    TimeNotAllowed,
    OutsideActivity,
)


class PresenceRequest(ResidentBody):
    """A resident comes or leaves."""

    code: Annotated[str | None, Field(max_length=20, description="现场签到码，本人签到时填写 / oneself")] = None
    at: Annotated[Moment | None, Field(description="仅凭纸质签到表补录时填写 / from a paper list only")] = None

    def attend(self, activity_id: uuid.UUID, who: Identity) -> Attend:
        """Return the command."""
        return Attend(activity_id, self.on_behalf(), self.code, self.at, who, datetime.now(UTC))


class CheckInView(BaseModel):
    """A resident who came."""

    model_config = ConfigDict(from_attributes=True)

    attendance_id: uuid.UUID
    activity_id: uuid.UUID
    community_code: CommunityCode
    resident_id: ResidentId
    checked_in_at: Moment


class CheckOutView(CheckInView):
    """A resident who came and left, and the minutes that count."""

    checked_out_at: Moment
    minutes: int


@router.post(
    "/check-ins",
    status_code=201,
    summary="签到 / Check in",
    responses=problems.responses(*REFUSALS, AlreadyCheckedIn),
)
async def come(session: Transaction, who: Caller, activity_id: uuid.UUID, body: PresenceRequest) -> CheckInView:
    """Check in: a resident itself with the code shown on the spot, or the desk."""
    return CheckInView.model_validate(await check_in(session, body.attend(activity_id, who)))


@router.post(
    "/check-outs",
    status_code=201,
    summary="签退 / Check out",
    responses=problems.responses(*REFUSALS, NotCheckedIn, OutBeforeIn, AlreadyCheckedOut),
)
async def leave(session: Transaction, who: Caller, activity_id: uuid.UUID, body: PresenceRequest) -> CheckOutView:
    """Check out; the minutes that count are told to points."""
    return CheckOutView.model_validate(await check_out(session, body.attend(activity_id, who)))
