"""Publishing earning rules, and registering deeds that a device or a clerk has seen, one or a thousand at a time."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from sqlalchemy import select

from services.points.accounts.rules import resident_of
from services.points.earning.earn import Earn, Earned, earn
from services.points.earning.queries import pending_in
from services.points.earning.rules import (
    BatchRefused,
    DeedDecided,
    DeedUnknown,
    EarnsNothing,
    EvidenceMissing,
    MalformedDeed,
    NoEarningRule,
    NotYetDone,
    OwnDeed,
    TrialTooLong,
)
from services.points.earning.tables import EarningRule
from services.points.earning.try_rule import TryRule, try_rule
from services.points.earning.verify_deed import VerifyDeed, verify_deed
from services.points.ledger.rules import AlreadyPosted, AssetClass
from services.points.limits.rules import CapReached, OverBudget
from services.points.proposals.rules import Activity, RuleContent
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope, Refusal, unless_refused
from shared.fields import PRINTABLE, CommunityCode, ResidentId
from shared.formula import FormulaInvalid
from shared.grouped_route import GroupedRoute, Work
from shared.idempotency import IdempotentRoute
from shared.identity import Caller, Identity
from shared.problems import Problem, described, responses

router = APIRouter(tags=["积分登记 earning"], route_class=IdempotentRoute)
grouped = APIRouter(tags=["积分登记 earning"], route_class=GroupedRoute)

Word = Annotated[str, Field(max_length=500, pattern=PRINTABLE)]


class RuleView(BaseModel):
    """A published rule."""

    model_config = ConfigDict(from_attributes=True)

    community_code: str
    activity: str
    version: int
    asset_class: AssetClass
    points: int
    per_quantity: int
    formula: str
    evidence_required: list[str]
    points_max_per_deed: int
    points_max_per_day: int | None
    points_max_per_month: int | None
    points_max_in_life: int | None
    valid_months: int
    effective_from: Moment


class TrialRequest(BaseModel):
    """A rule to try on what was done from a time to a time, without publishing it."""

    model_config = ConfigDict(extra="forbid")

    rule: RuleContent
    since: Moment
    until: Moment


class TrialView(BaseModel):
    """What those deeds earned, and what they would have earned; `examples` names the deeds that differ most."""

    model_config = ConfigDict(from_attributes=True)

    deeds: int
    points_earned: int
    points_tried: int
    more: int
    less: int
    nothing: dict[str, int]
    residents: int
    examples: list[str]


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
    resident_id: ResidentId
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
    resident_id: ResidentId
    quantity: int
    occurred_at: Moment
    rule_version: int
    points: int
    transfer_id: Annotated[uuid.UUID | None, Field(description="空为待核定 / null while the points are pending")]


class VerificationRequest(BaseModel):
    """What is decided about a deed that waits."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    activity: Activity
    reference: Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
    accept: bool
    remark: Word | None = None


class PendingView(BaseModel):
    """A deed whose points wait to be verified, or what became of it."""

    model_config = ConfigDict(from_attributes=True)

    community_code: str
    activity: str
    reference: str
    resident_id: ResidentId
    quantity: int
    occurred_at: Moment
    points: int
    evidence: dict[str, Any]
    registered_by: str | None
    accepted: bool | None
    remark: str | None


class DeedAnswer(BaseModel):
    """What became of one deed: either it was registered, or there is a problem."""

    deed: DeedView | None = None
    problem: Problem | None = None


class DeedBatchView(BaseModel):
    """What became of each deed, in the order in which they were sent."""

    registered: int
    answers: list[DeedAnswer]


@router.post(
    "/earning-rules/trials",
    summary="试算积分规则 / Try a rule on past deeds",
    responses=responses(OutOfScope, FormulaInvalid, TrialTooLong),
)
async def post_trial(body: TrialRequest, session: Transaction, who: Caller) -> TrialView:
    """Say what past deeds would have earned by a rule that is not published."""
    who.require(body.rule.community_code, "official", "operator")
    return TrialView.model_validate(await try_rule(session, TryRule(body.rule, body.since, body.until)))


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
    responses=responses(
        OutOfScope, NotYetDone, NoEarningRule, EvidenceMissing, EarnsNothing, CapReached, OverBudget, AlreadyPosted
    ),
)
def post_deed(body: DeedRequest, who: Caller) -> Work[Earn, Earned]:
    """Register a deed with its evidence; it earns by the rule of its time."""
    who.require(body.community_code, "device", "desk")
    command = Earn(**body.model_dump(), registered_by=who.subject)
    return Work(earn, [command], lambda done: DeedView.model_validate(unless_refused(done[0])))


@grouped.post(
    "/deeds/batch",
    response_model=DeedBatchView,
    summary="批量登记善行 / Register deeds in a batch",
    responses=responses(OutOfScope, BatchRefused),
)
def post_deeds(body: DeedBatchRequest, who: Caller) -> Work[Earn, Earned]:
    """Register deeds and answer each in its place; one that is refused stops the others only if the batch is atomic."""

    def view(outcomes: Sequence[Earned | Refusal]) -> DeedBatchView:
        refused = {place: one.type for place, one in enumerate(outcomes) if isinstance(one, Refusal)}
        if body.atomic and refused:
            raise BatchRefused(refused=refused)
        return DeedBatchView(registered=len(outcomes) - len(refused), answers=[_answer(one) for one in outcomes])

    return Work(earn, [_admit(item, who) for item in body.deeds], view, all_or_none=body.atomic)


@router.get("/deeds/pending", summary="待核善行 / Deeds to be verified", responses=responses(OutOfScope))
async def list_pending(
    community_code: Annotated[CommunityCode, Query()], session: Transaction, who: Caller
) -> list[PendingView]:
    """List what waits in a community, the oldest first: to staff all, to a resident its own."""
    own = None if who.holds(community_code, "desk", "operator", "official") else resident_of(who).resident_id
    return [PendingView.model_validate(one) for one in await pending_in(session, community_code, own)]


@router.post(
    "/deeds/verifications",
    summary="核定善行 / Verify a deed",
    responses=responses(OutOfScope, DeedUnknown, OwnDeed, DeedDecided, CapReached, OverBudget),
)
async def post_verification(body: VerificationRequest, session: Transaction, who: Caller) -> PendingView:
    """Decide on a deed that somebody else has registered; accepted, it earns."""
    who.require(body.community_code, "desk", "operator", "official")
    command = VerifyDeed(**body.model_dump(), by=who.subject)
    return PendingView.model_validate(await verify_deed(session, command, now=datetime.now(UTC)))


def _admit(item: DeedRequest | MalformedDeed, who: Identity) -> Earn | Refusal:
    if isinstance(item, MalformedDeed):
        return item
    try:
        who.require(item.community_code, "device", "desk")
    except OutOfScope as refusal:
        return refusal
    return Earn(**item.model_dump(), registered_by=who.subject)


def _answer(outcome: Earned | Refusal) -> DeedAnswer:
    if isinstance(outcome, Refusal):
        return DeedAnswer(problem=described(outcome))
    return DeedAnswer(deed=DeedView.model_validate(outcome))
