"""Freezes, appeals and decisions."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.points.fraud.appeal_freeze import appeal_freeze, decide_freeze
from services.points.fraud.freeze_account import freeze_account
from services.points.fraud.queries import freezes_in, freezes_of, hold_freeze, require_there
from services.points.fraud.rules import AlreadyFrozen, FreezeClosed, FreezeUnknown, NothingToFreeze, OwnFreeze
from services.points.fraud.tables import Freeze
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix, CommunityCode, ResidentText, Subject
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(tags=["反作弊 fraud"], route_class=IdempotentRoute)

Words = Annotated[str, Field(min_length=2, max_length=1000, pattern=PRINTABLE)]


class FreezeRequest(BaseModel):
    """Whom to freeze, and why."""

    model_config = ConfigDict(extra="forbid")

    who: Annotated[str, Field(pattern=r"^(resident|merchant):[0-9a-f-]{36}$")]
    community_code: CommunityCode
    reason: Words


class AppealRequest(BaseModel):
    """What is said against a freeze."""

    model_config = ConfigDict(extra="forbid")

    appeal: Words


class LiftRequest(BaseModel):
    """Whether a freeze is lifted, and why."""

    model_config = ConfigDict(extra="forbid")

    lift: bool
    remark: Words


class FreezeView(BaseModel):
    """A freeze with its reason, what was said against it, and how that was decided."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[uuid.UUID, Field(validation_alias="freeze_id")]
    who: Subject
    detector: str
    reason: str
    frozen_at: Moment
    appeal: ResidentText | None
    lifted: bool
    remark: str | None


def _view(freeze: Freeze) -> FreezeView:
    facts = {name: getattr(freeze, name) for name in ("freeze_id", "who", "reason", "frozen_at", "appeal", "remark")}
    detector = freeze.detector.partition(":")[0]  # who froze by hand is not told to whom it concerns
    return FreezeView(**facts, detector=detector, lifted=freeze.lifted_by is not None)


@router.get("/freezes", summary="冻结与理由 / Freezes and their reasons", responses=responses(OutOfScope))
async def list_freezes(
    session: Transaction, who: Caller, area: Annotated[AreaPrefix | None, Query()] = None
) -> list[FreezeView]:
    """List the freezes of an area to its officials, and to anybody their own."""
    if area is None:
        return [_view(one) for one in await freezes_of(session, who.subject)]
    who.require(area, "official", "auditor")
    return [_view(one) for one in await freezes_in(session, area)]


@router.post(
    "/freezes",
    status_code=201,
    summary="人工冻结 / Freeze by hand",
    responses=responses(OutOfScope, NothingToFreeze, AlreadyFrozen),
)
async def post_freeze(body: FreezeRequest, session: Transaction, who: Caller) -> FreezeView:
    """Freeze what somebody holds, until another official has looked."""
    who.require(body.community_code, "official")
    await require_there(session, body.who, body.community_code)
    freeze = await freeze_account(
        session, body.who, body.community_code, body.reason, who.subject, now=datetime.now(UTC)
    )
    return _view(freeze)


@router.post(
    "/freezes/{freeze_id}/appeal",
    summary="申诉 / Appeal against a freeze",
    responses=responses(FreezeUnknown, OutOfScope, FreezeClosed),
)
async def post_appeal(freeze_id: uuid.UUID, body: AppealRequest, session: Transaction, who: Caller) -> FreezeView:
    """Say what is to be said against one's own freeze."""
    freeze = await hold_freeze(session, freeze_id, who)
    if freeze.who != who.subject:
        raise OutOfScope(area=freeze.area, roles="resident、merchant")
    await appeal_freeze(session, freeze, body.appeal, now=datetime.now(UTC))
    return _view(freeze)


@router.post(
    "/freezes/{freeze_id}/decision",
    summary="冻结处理 / Decide on a freeze",
    responses=responses(FreezeUnknown, OutOfScope, OwnFreeze, FreezeClosed),
)
async def post_freeze_decision(
    freeze_id: uuid.UUID, body: LiftRequest, session: Transaction, who: Caller
) -> FreezeView:
    """Lift a freeze or uphold it: another person than who froze."""
    freeze = await hold_freeze(session, freeze_id, who)
    if freeze.who == who.subject:
        raise OwnFreeze
    who.require(freeze.area, "official")
    await decide_freeze(session, freeze, lift=body.lift, remark=body.remark, by=who.subject, now=datetime.now(UTC))
    return _view(freeze)
