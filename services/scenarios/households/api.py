"""HTTP: households, and what they may book."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.households.enter_member import EnterMember, enter_member
from services.scenarios.households.set_quota import SetQuota, set_quota
from shared import problems
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode, ResidentId
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["家庭 Households"], route_class=IdempotentRoute)


class Member(BaseModel):
    """A resident of a household, both by pseudonymous ids."""

    model_config = ConfigDict(from_attributes=True)

    community_code: CommunityCode
    household_id: ResidentId
    resident_id: ResidentId


class Quota(BaseModel):
    """What a household may book in a week."""

    model_config = ConfigDict(from_attributes=True)

    community_code: CommunityCode
    minutes_a_week: Annotated[int, Field(ge=30, le=10_080, description="每户每周可预约分钟数 / per household and week")]


@router.post(
    "/household-members",
    status_code=201,
    summary="登记家庭成员 / Enter a member of a household",
    responses=problems.responses(OutOfScope, CommunityUnknown),
)
async def enter(session: Transaction, who: Caller, body: Member) -> Member:
    """Enter with whom a resident lives."""
    command = EnterMember(body.community_code, body.household_id, body.resident_id, who)
    return Member.model_validate(await enter_member(session, command))


@router.post(
    "/booking-quotas",
    status_code=201,
    summary="设定每户预约额度 / Set what a household may book",
    responses=problems.responses(OutOfScope, CommunityUnknown),
)
async def limit(session: Transaction, who: Caller, body: Quota) -> Quota:
    """Set how many minutes of a community's spaces a household may book in a week."""
    return Quota.model_validate(await set_quota(session, SetQuota(body.community_code, body.minutes_a_week, who)))
