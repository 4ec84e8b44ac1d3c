"""HTTP: what the desk does for a resident, and the receipt."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.points.accounts.rules import resident_of
from services.points.assistance.act_for import ActFor, act_for
from services.points.assistance.carry_out import REFUSALS as CARRY_OUT
from services.points.assistance.print_receipt import print_receipt
from services.points.assistance.queries import STAFF, acts_for, acts_in
from services.points.assistance.rules import Asked, AssistedActUnknown, AssistedLimitReached
from services.points.assistance.speak_for import REFUSALS as SPEAK_FOR
from shared.assistance import AssistedChannel, ChannelNotAllowed, ConsentMissing, ResidentBody
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode, ResidentId, Subject
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/assisted-acts", tags=["代办 assistance"], route_class=IdempotentRoute)


class AssistedRequest(ResidentBody):
    """What the desk does for whom, out of its own community's book."""

    model_config = ConfigDict(extra="forbid")

    channel: AssistedChannel
    community_code: CommunityCode
    asked: Asked


class AssistedActView(BaseModel):
    """What was done: `points` left the resident, who has `left` to spend in this book."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[uuid.UUID, Field(validation_alias="act_id")]
    community_code: str
    resident_id: ResidentId
    asked: dict[str, Any]
    points: int
    left: int
    reference: Annotated[str, Field(description="所办业务的编号 / the id of what it made")]
    channel: str
    given_by: Subject
    consent: dict[str, Any] | None
    acted_at: Moment


class AssistedAnswer(AssistedActView):
    """The same, with the code of an invitation: it is told this once, and is for the relative alone."""

    code: str | None = None


@router.post(
    "",
    status_code=201,
    summary="代居民办理 / Act for a resident",
    responses=responses(OutOfScope, ChannelNotAllowed, ConsentMissing, AssistedLimitReached, *CARRY_OUT, *SPEAK_FOR),
)
async def post_act(body: AssistedRequest, request: Request, session: Transaction, who: Caller) -> AssistedAnswer:
    """Do for a resident, with its consent, what it could do itself."""
    here, now = request.app.state, datetime.now(UTC)
    command = ActFor(body.community_code, body.asked, body.on_behalf(), who, here.cell, here.voucher_key, now)
    act, code = await act_for(session, command)
    answer = AssistedAnswer.model_validate(act)
    answer.code = code
    return answer


@router.get("", summary="代办记录 / What the desk did", responses=responses(OutOfScope))
async def list_acts(
    session: Transaction,
    who: Caller,
    community_code: Annotated[CommunityCode | None, Query(description="工作人员必填 / for staff")] = None,
) -> list[AssistedActView]:
    """List to a resident what was done in its name, and to staff what was done in their community."""
    if community_code is None:
        own = await acts_for(session, resident_of(who).resident_id)
        return [AssistedActView.model_validate(one) for one in own]
    who.require(community_code, *STAFF)
    return [AssistedActView.model_validate(one) for one in await acts_in(session, community_code)]


@router.get(
    "/{act_id}/receipt",
    summary="大字回执 / The receipt in large print",
    response_class=Response,
    responses={**responses(AssistedActUnknown), 200: {"content": {"application/pdf": {}}}},
)
async def read_receipt(act_id: uuid.UUID, session: Transaction, who: Caller) -> Response:
    """Give out the receipt of an act: one page in large print."""
    return Response(await print_receipt(session, act_id, who), media_type="application/pdf")
