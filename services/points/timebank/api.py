"""The time bank's hours, as residents give them away and leave them."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.points.accounts.rules import resident_of
from services.points.communities.rules import CommunityUnknown
from services.points.ledger.rules import NotEnoughPoints
from services.points.timebank.give_hours import REFUSALS as GIVE
from services.points.timebank.give_hours import GiveHours, give_hours
from services.points.timebank.name_heir import REFUSALS as NAME
from services.points.timebank.name_heir import NameHeir, name_heir
from services.points.timebank.report_legacy import ExecuteLegacy, ReportLegacy, execute_legacy, report_legacy
from services.points.timebank.rules import LegacyElsewhere, LegacyUnseen, OwnLegacy
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode, ResidentId
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/time-bank", tags=["时间银行 time bank"], route_class=IdempotentRoute)

Quarters = Annotated[int, Field(ge=1, le=6_000, description="刻钟 / quarter hours")]
GIVEN = responses(*GIVE, OutOfScope)


class Donation(BaseModel):
    """Quarter hours of one book for the community."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    quarters: Quarters


class Gift(Donation):
    """Quarter hours for a spouse or direct relative."""

    bond_id: uuid.UUID


class GivenView(BaseModel):
    """What was given, and what is left."""

    transfer_id: uuid.UUID
    quarters: int
    balance_after: int | None


class HeirRequest(BaseModel):
    """Who inherits, by the bond; none: the community."""

    model_config = ConfigDict(extra="forbid")

    bond_id: uuid.UUID | None


class LegacyRequest(BaseModel):
    """Whose hours are left."""

    model_config = ConfigDict(extra="forbid")

    resident_id: ResidentId
    community_code: CommunityCode


class LegacyReport(LegacyRequest):
    """Whose, and what the desk has seen."""

    document: Annotated[
        str,
        Field(min_length=1, max_length=100, pattern=PRINTABLE, description="证明种类，不填号码 / its kind, no number"),
    ]


class LegacyView(BaseModel):
    """A legacy of hours: who inherits by which bond, and how far it is."""

    model_config = ConfigDict(from_attributes=True)

    heir_bond_id: uuid.UUID | None
    reported_at: Moment | None
    executed_at: Moment | None
    quarters: int | None


async def _given(session: Transaction, who: Caller, body: Donation, bond_id: uuid.UUID | None) -> GivenView:
    order = GiveHours(
        resident_of(who).resident_id, body.community_code, body.quarters, bond_id, uuid.uuid4().hex, datetime.now(UTC)
    )
    posted = await give_hours(session, order)
    return GivenView(transfer_id=posted.transfer_id, quarters=body.quarters, balance_after=posted.balances[0])


@router.post("/gifts", status_code=201, summary="赠与直系亲属时间币 / Give a relative hours", responses=GIVEN)
async def give_to_relative(body: Gift, session: Transaction, who: Caller) -> GivenView:
    """Give hours to a bound spouse or direct relative; what is past its cap of 1,500 is donated."""
    return await _given(session, who, body, body.bond_id)


@router.post(
    "/donations",
    status_code=201,
    summary="捐赠时间币 / Donate hours",
    responses=GIVEN,
)
async def donate(body: Donation, session: Transaction, who: Caller) -> GivenView:
    """Donate hours to the community."""
    return await _given(session, who, body, None)


@router.post(
    "/heir",
    status_code=201,
    summary="指定时间币继承人 / Name who inherits one's hours",
    responses=responses(*NAME, OutOfScope),
)
async def name(body: HeirRequest, session: Transaction, who: Caller) -> LegacyView:
    """Name a bound relative, or the community."""
    me = resident_of(who)
    return LegacyView.model_validate(
        await name_heir(session, NameHeir(me.resident_id, me.home_community, body.bond_id))
    )


@router.post(
    "/legacies",
    status_code=201,
    summary="登记时间币继承 / Report that hours are left",
    responses=responses(LegacyElsewhere, CommunityUnknown, OutOfScope),
)
async def report(body: LegacyReport, session: Transaction, who: Caller) -> LegacyView:
    """Report a death by the document that was seen; takes the desk or an official where the resident has hours."""
    who.require(body.community_code, "desk", "official")
    order = ReportLegacy(**body.model_dump(), by=who.subject, now=datetime.now(UTC))
    return LegacyView.model_validate(await report_legacy(session, order))


@router.post(
    "/legacies/execution",
    status_code=201,
    summary="执行时间币继承 / Execute a legacy of hours",
    responses=responses(LegacyUnseen, LegacyElsewhere, OwnLegacy, NotEnoughPoints, OutOfScope),
)
async def execute(body: LegacyRequest, session: Transaction, who: Caller) -> LegacyView:
    """Have the hours go to the heir; takes an official of the area who did not report it."""
    who.require(body.community_code, "official")
    order = ExecuteLegacy(body.resident_id, body.community_code, by=who.subject, now=datetime.now(UTC))
    return LegacyView.model_validate(await execute_legacy(session, order))
