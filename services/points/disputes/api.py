"""HTTP: disputes and decisions."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.points.disputes.decide_dispute import REFUSALS, DecideDispute, decide_dispute
from services.points.disputes.open_dispute import OpenDispute, open_dispute
from services.points.disputes.queries import disputes_by, disputes_in, get_dispute
from services.points.disputes.rules import OPENS, DisputeOpen, DisputeUnknown, NotDisputable
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/disputes", tags=["争议 disputes"], route_class=IdempotentRoute)

Words = Annotated[str, Field(min_length=2, max_length=1000, pattern=PRINTABLE)]


class DisputeRequest(BaseModel):
    """What is contested: a grant or a share by its transfer, a purchase by its redemption."""

    model_config = ConfigDict(extra="forbid")

    transfer_id: Annotated[uuid.UUID, Field(description="入账编号或兑换编号 / of the transfer, or of the redemption")]
    reason: Words


class DisputeDecision(BaseModel):
    """Whether what was disputed is taken back, and why."""

    model_config = ConfigDict(extra="forbid")

    take_back: bool
    remark: Words


class DisputeView(BaseModel):
    """A dispute: `frozen` points were held for it, `reversed` were taken back; null while it is open."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[uuid.UUID, Field(validation_alias="dispute_id")]
    community_code: str
    transfer_id: uuid.UUID
    kind: str
    reason: str
    frozen: int
    opened_at: Moment
    decided_at: Moment | None
    reversed: int | None
    remark: str | None


@router.post("", status_code=201, summary="提出争议 / Open a dispute", responses=responses(NotDisputable, DisputeOpen))
async def post_dispute(body: DisputeRequest, session: Transaction, who: Caller) -> DisputeView:
    """Contest a grant, a share or a purchase that concerns oneself, or as staff of its community."""
    command = OpenDispute(body.transfer_id, body.reason, who)
    return DisputeView.model_validate(await open_dispute(session, command, now=datetime.now(UTC)))


@router.get("", summary="查询争议 / Disputes", responses=responses(OutOfScope))
async def list_disputes(
    session: Transaction,
    who: Caller,
    community_code: Annotated[CommunityCode | None, Query(description="工作人员必填 / for staff")] = None,
) -> list[DisputeView]:
    """List one's own disputes, or to staff those of their community."""
    if community_code is None:
        return [DisputeView.model_validate(one) for one in await disputes_by(session, who.subject)]
    who.require(community_code, *OPENS, "auditor")
    return [DisputeView.model_validate(one) for one in await disputes_in(session, community_code)]


@router.post(
    "/{dispute_id}/decision",
    summary="处理争议 / Decide a dispute",
    responses=responses(DisputeUnknown, *REFUSALS),
)
async def post_dispute_decision(
    dispute_id: uuid.UUID, body: DisputeDecision, session: Transaction, who: Caller
) -> DisputeView:
    """Take back what was disputed, or let it stand; another person than who opened it."""
    dispute = await get_dispute(session, dispute_id, who)
    await decide_dispute(session, dispute, DecideDispute(body.take_back, body.remark, who), now=datetime.now(UTC))
    return DisputeView.model_validate(dispute)
