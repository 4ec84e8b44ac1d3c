"""Conversion of hours, as residents and those who look after a community see it."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.points.accounts.rules import resident_of
from services.points.communities.rules import CommunityUnknown
from services.points.conversions.agree_rule import AgreeRule, agree_rule
from services.points.conversions.convert import REFUSALS, Convert, convert
from services.points.conversions.propose_rule import ProposeRule, propose_rule
from services.points.conversions.rules import (
    ConversionUnseen,
    OwnConversionRule,
    Rule,
)
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/hours", tags=["时间币 hours"], route_class=IdempotentRoute)

Quarters = Annotated[int, Field(ge=1, le=100_000, description="刻钟 / quarter hours")]


class ConversionRuleRequest(BaseModel):
    """So many quarter hours give so many points."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    per_quarters: Quarters
    points: Annotated[int, Field(ge=1, le=10_000)]
    quarters_max_per_month: Quarters
    valid_months: Annotated[int, Field(ge=1, le=60)] = 24


class ConversionRuleAgreement(BaseModel):
    """Which version is agreed to."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    version: Annotated[int, Field(ge=1, le=10**9)]


class ConversionRuleView(BaseModel):
    """A version of a rule; in force once agreed."""

    model_config = ConfigDict(from_attributes=True)

    community_code: str
    version: int
    per_quarters: int
    points: int
    quarters_max_per_month: int
    agreed_at: Moment | None


class ConversionRequest(BaseModel):
    """How many quarter hours of which book."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    quarters: Quarters


class ConversionView(BaseModel):
    """What became of hours."""

    model_config = ConfigDict(from_attributes=True)

    conversion_id: uuid.UUID
    quarters: int
    points: int
    rule_version: int


@router.post(
    "/conversion-rules",
    status_code=201,
    summary="提议时间币兑积分规则 / Propose a conversion rule",
    responses=responses(CommunityUnknown, OutOfScope),
)
async def propose(body: ConversionRuleRequest, session: Transaction, who: Caller) -> ConversionRuleView:
    """Propose a rule; takes an operator or official of the community."""
    who.require(body.community_code, "operator", "official")
    rule = Rule(body.per_quarters, body.points, body.quarters_max_per_month, body.valid_months)
    order = ProposeRule(body.community_code, rule, by=who.subject, now=datetime.now(UTC))
    return ConversionRuleView.model_validate(await propose_rule(session, order))


@router.post(
    "/conversion-rules/agreements",
    status_code=201,
    summary="同意时间币兑积分规则 / Agree to a conversion rule",
    responses=responses(ConversionUnseen, OwnConversionRule, OutOfScope),
)
async def agree(body: ConversionRuleAgreement, session: Transaction, who: Caller) -> ConversionRuleView:
    """Agree to a rule; takes an official of the community who did not propose it."""
    who.require(body.community_code, "official")
    order = AgreeRule(body.community_code, body.version, by=who.subject, now=datetime.now(UTC))
    return ConversionRuleView.model_validate(await agree_rule(session, order))


@router.post(
    "/conversions",
    status_code=201,
    summary="时间币兑积分 / Convert hours into points",
    responses=responses(*REFUSALS, OutOfScope),
)
async def convert_hours(body: ConversionRequest, session: Transaction, who: Caller) -> ConversionView:
    """Convert one's own hours; points never become hours."""
    me = resident_of(who)
    order = Convert(me.resident_id, body.community_code, body.quarters, datetime.now(UTC))
    return ConversionView.model_validate(await convert(session, order))
