"""Erasure, as residents and the desk ask for it."""

import uuid
from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from services.points.accounts.queries import held_by
from services.points.accounts.rules import resident_of
from services.points.erasures.erase import Erase, erase
from services.points.ledger.rules import NotEnoughPoints
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(tags=["个人信息删除 erasures"], route_class=IdempotentRoute)


class ErasureView(BaseModel):
    """What was erased."""

    model_config = ConfigDict(from_attributes=True)

    erased_at: Moment
    evidence_erased: int
    points_to_pool: int


@router.post(
    "/accounts/me/erasure",
    status_code=201,
    summary="注销并删除个人信息 / Erase my personal data",
    responses=responses(NotEnoughPoints, OutOfScope),
)
async def erase_me(session: Transaction, who: Caller) -> ErasureView:
    """Erase the caller's personal data at once; what could still be spent goes to the communities' pools."""
    me = resident_of(who)
    order = Erase(me.resident_id, me.home_community, by=who.subject, now=datetime.now(UTC))
    return ErasureView.model_validate(await erase(session, order))


@router.post(
    "/residents/{resident_id}/erasure",
    status_code=201,
    summary="代办注销 / Erase a resident's personal data",
    responses=responses(NotEnoughPoints, OutOfScope),
)
async def erase_resident(resident_id: uuid.UUID, session: Transaction, who: Caller) -> ErasureView:
    """Erase for a resident who asks at the desk; takes the desk of a community in whose book they hold something."""
    now = datetime.now(UTC)
    codes = [one.community_code for one in await held_by(session, resident_id, now)]
    code = next((one for one in codes if who.holds(one, "desk")), None)
    if code is None:
        raise OutOfScope(area="、".join(sorted(set(codes))) or "居民所在社区", roles="desk")
    return ErasureView.model_validate(await erase(session, Erase(resident_id, code, by=who.subject, now=now)))
