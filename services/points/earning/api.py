"""Publishing earning rules, and registering deeds that a device or a clerk has seen, one or a thousand at a time."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from sqlalchemy import select

from services.points.communities.rules import CommunityUnknown
from services.points.earning.earn import Earn, Earned, earn
from services.points.earning.publish_rule import PublishRule, publish_rule
from services.points.earning.rules import BatchRefused, EarnsNothing, MalformedDeed, NoEarningRule, NotYetDone
from services.points.earning.tables import EarningRule
from services.points.ledger.rules import AlreadyPosted, AssetClass
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope, Refusal, unless_refused
from shared.fields import PRINTABLE, CommunityCode
from shared.grouped_route import GroupedRoute, Work
from shared.idempotency import IdempotentRoute
from shared.identity import Caller, Identity
from shared.problems import Problem, described, responses

router = APIRouter(tags=["积分登记 earning"], route_class=IdempotentRoute)
grouped = APIRouter(tags=["积分登记 earning"], route_class=GroupedRoute)

Activity = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,39}$", examples=["volunteering"])]


Word = Annotated[str, Field(max_length=500, pattern=PRINTABLE)]


class RuleRequest(BaseModel):
    """A rule to publish."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    activity: Activity
    asset_class: Literal[AssetClass.BASIC, AssetClass.SERVICE]
    points: Annotated[int, Field(ge=1, le=10_000, description="每计量单位积分 / points for each per_quantity")]
    per_quantity: Annotated[int, Field(ge=1, le=100_000, description="计量单位 / minutes, grams or times")]
    points_max_per_deed: Annotated[int, Field(ge=1, le=100_000)]
    valid_months: Annotated[int, Field(ge=1, le=120)] = 24
    effective_from: Moment


class RuleView(BaseModel):
    """A published rule."""

    model_config = ConfigDict(from_attributes=True)

    community_code: str
    activity: str
    version: int
    asset_class: AssetClass
    points: int
    per_quantity: int
    points_max_per_deed: int
    valid_months: int
    effective_from: Moment


class DeedRequest(BaseModel):
    """A deed that a device or a clerk has seen."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    activity: Activity
    reference: Annotated[
        str,
        Field(
            min_length=1,
            max_length=100,
            pattern=r"^[\x21-\x7e]+$",
            description="该行为的唯一编号，入账后不可删除，勿含个人信息 / names the deed for ever, so no personal data",
        ),
    ]
    resident_id: uuid.UUID
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    occurred_at: Moment
    evidence: Annotated[dict[Word, Word | int | bool], Field(max_length=50, description="佐证 / how it is known")]


def _or_malformed(item: object, validate: ValidatorFunctionWrapHandler) -> DeedRequest | MalformedDeed:
    try:
        deed: DeedRequest = validate(item)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        return MalformedDeed(errors=[{"at": "/" + "/".join(map(str, e["loc"])), "what": e["msg"]} for e in wrong])
    return deed


class DeedBatchRequest(BaseModel):
    """Deeds to register together."""

    model_config = ConfigDict(extra="forbid")

    atomic: Annotated[bool, Field(description="全部登记或全部不登记 / all or none")] = False
    deeds: Annotated[list[Annotated[DeedRequest, WrapValidator(_or_malformed)]], Field(min_length=1, max_length=1000)]


class DeedView(BaseModel):
    """A deed and what it earned."""

    model_config = ConfigDict(from_attributes=True)

    community_code: str
    activity: str
    reference: str
    resident_id: uuid.UUID
    quantity: int
    occurred_at: Moment
    rule_version: int
    points: int
    transfer_id: uuid.UUID


class DeedAnswer(BaseModel):
    """What became of one deed: either it was registered, or there is a problem."""

    deed: DeedView | None = None
    problem: Problem | None = None


class DeedBatchView(BaseModel):
    """What became of each deed, in the order in which they were sent."""

    registered: int
    answers: list[DeedAnswer]


@router.post(
    "/earning-rules",
    status_code=201,
    summary="发布积分规则 / Publish an earning rule",
    responses=responses(OutOfScope, CommunityUnknown),
)
async def post_rule(body: RuleRequest, session: Transaction, who: Caller) -> RuleView:
    """Publish a new version of what an activity earns."""
    who.require(body.community_code, "official", "operator")
    command = PublishRule(**body.model_dump(), published_by=who.subject)
    return RuleView.model_validate(await publish_rule(session, command))


@router.get("/earning-rules", summary="查询积分规则 / Earning rules of a community")
async def list_rules(
    community_code: Annotated[CommunityCode, Query()], session: Transaction, _: Caller
) -> list[RuleView]:
    """List the versions of a community's rules, the newest of each activity first."""
    rules = await session.scalars(
        select(EarningRule)
        .where(EarningRule.community_code == community_code)
        .order_by(EarningRule.activity, EarningRule.version.desc())
    )
    return [RuleView.model_validate(rule) for rule in rules]


@grouped.post(
    "/deeds",
    status_code=201,
    response_model=DeedView,
    summary="登记善行 / Register a deed",
    responses=responses(OutOfScope, NotYetDone, NoEarningRule, EarnsNothing, AlreadyPosted),
)
def post_deed(body: DeedRequest, who: Caller) -> Work[Earn, Earned]:
    """Register a deed with its evidence; it earns by the rule of its time."""
    who.require(body.community_code, "device", "desk")
    return Work(earn, [Earn(**body.model_dump())], lambda done: DeedView.model_validate(unless_refused(done[0])))


@router.post(
    "/deeds/batch", summary="批量登记善行 / Register deeds in a batch", responses=responses(OutOfScope, BatchRefused)
)
async def post_deeds(body: DeedBatchRequest, session: Transaction, who: Caller) -> DeedBatchView:
    """Register deeds and answer each in its place; one that is refused stops the others only if the batch is atomic."""
    admitted = [_admit(item, who) for item in body.deeds]
    commands = [one for one in admitted if isinstance(one, Earn)]
    earned = iter(await earn(session, commands, now=datetime.now(UTC)))
    outcomes = [next(earned) if isinstance(one, Earn) else one for one in admitted]
    refused = {place: one.type for place, one in enumerate(outcomes) if isinstance(one, Refusal)}
    if body.atomic and refused:
        raise BatchRefused(refused=refused)
    return DeedBatchView(registered=len(outcomes) - len(refused), answers=[_answer(one) for one in outcomes])


def _admit(item: DeedRequest | MalformedDeed, who: Identity) -> Earn | Refusal:
    if isinstance(item, MalformedDeed):
        return item
    try:
        who.require(item.community_code, "device", "desk")
    except OutOfScope as refusal:
        return refusal
    return Earn(**item.model_dump())


def _answer(outcome: Earned | Refusal) -> DeedAnswer:
    if isinstance(outcome, Refusal):
        return DeedAnswer(problem=described(outcome))
    return DeedAnswer(deed=DeedView.model_validate(outcome))
