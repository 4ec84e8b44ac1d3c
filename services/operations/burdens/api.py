"""HTTP of entry permits and burdens."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.operations.burdens import queries
from services.operations.burdens.apply_for_permit import Application, apply_for_permit
from services.operations.burdens.decide_on_permit import Decision, decide_on_permit
from services.operations.burdens.note_demand import Demand, note_demand
from services.operations.burdens.rules import (
    Kind,
    OwnPermit,
    PermitDecided,
    PermitTermInvalid,
    PermitUnseen,
    Turned,
    Verdict,
)
from services.operations.burdens.tables import EntryPermit
from services.operations.communities.rules import CommunityNotRegistered
from services.operations.terms.rules import Text
from shared import problems
from shared.clock import Day, Moment, local_day
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["减负清单 burdens"], route_class=IdempotentRoute)

Minutes = Annotated[int, Field(ge=1, le=100_000, description="分钟 / minutes")]


class PermitApplication(BaseModel):
    """What a department wants to put on communities."""

    area: AreaPrefix
    department: Text
    matter: Text
    kind: Kind
    basis: Annotated[Text, Field(description="依据 / what it rests on")]
    minutes_per_case: Minutes
    cases_per_year: Annotated[int, Field(ge=1, le=366, description="每社区每年次数 / per community and year")]
    starts_on: Day
    ends_on: Day


class PermitDecision(BaseModel):
    """A decision on an application."""

    verdict: Verdict
    reason: Text


class PermitView(BaseModel):
    """A permit or an application, and its decision."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    area: str
    department: str
    matter: str
    kind: Kind
    basis: str
    minutes_per_case: int
    cases_per_year: int
    starts_on: date
    ends_on: date
    verdict: Verdict | None
    reason: str | None
    decided_at: Moment | None


class DemandBody(BaseModel):
    """Work that somebody asks of the community."""

    permit_id: uuid.UUID | None = Field(
        default=None, description="准入编号；没有则不予准入 / without one it is turned away"
    )
    department: Text
    matter: Text
    minutes: Minutes


class DemandView(BaseModel):
    """A demand: admitted as the nth case of the year, or why it is turned away."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    case_no: int | None
    turned_away: Turned | None
    minutes: int


class BurdenView(BaseModel):
    """What one matter came to in a year."""

    model_config = ConfigDict(from_attributes=True)

    department: str
    matter: str
    admitted: int
    turned_away: int
    minutes: int


@router.post(
    "/entry-permits",
    status_code=201,
    summary="申请社区工作准入 / Apply for an entry permit",
    responses=problems.responses(PermitTermInvalid, OutOfScope),
)
async def apply(body: PermitApplication, session: Transaction, who: Caller) -> PermitView:
    """Apply for leave to put work on the communities of an area; takes an official of the area."""
    who.require(body.area, "official")
    command = Application(**body.model_dump(), by=who.subject, now=datetime.now(UTC))
    return PermitView.model_validate(await apply_for_permit(session, command))


@router.get("/entry-permits", summary="准入事项清单 / Entry permits")
async def list_permits(
    session: Transaction,
    who: Caller,  # noqa: ARG001 - what may be asked of a community is public
    area: Annotated[AreaPrefix, Query(description="区划代码前缀 / area code prefix")],
) -> list[PermitView]:
    """List the permits and applications that concern an area and have not ended, at most 500."""
    found = await queries.permits(session, area, local_day(datetime.now(UTC)))
    return [PermitView.model_validate(one) for one in found]


@router.post(
    "/entry-permits/{permit_id}/decision",
    status_code=201,
    summary="审批社区工作准入 / Decide on an entry permit",
    responses=problems.responses(PermitUnseen, PermitDecided, OwnPermit, OutOfScope),
)
async def decide(permit_id: uuid.UUID, body: PermitDecision, session: Transaction, who: Caller) -> PermitView:
    """Grant or refuse; takes an official of the area who did not apply."""
    permit = await session.get(EntryPermit, permit_id)
    if permit is None:
        raise PermitUnseen(permit_id=str(permit_id))
    who.require(permit.area, "official")
    decision = Decision(permit_id, body.verdict, body.reason, by=who.subject, now=datetime.now(UTC))
    return PermitView.model_validate(await decide_on_permit(session, decision))


@router.post(
    "/burdens/{code}",
    status_code=201,
    summary="登记下派事项 / Note what is asked of a community",
    responses=problems.responses(CommunityNotRegistered, OutOfScope),
)
async def note(code: CommunityCode, body: DemandBody, session: Transaction, who: Caller) -> DemandView:
    """Note a demand: admitted under its permit or turned away, with the reason; for the community's staff."""
    who.require(code, "desk", "operator", "official")
    demand = Demand(code, **body.model_dump(), by=who.subject, now=datetime.now(UTC))
    return DemandView.model_validate(await note_demand(session, demand))


@router.get(
    "/burdens/{area}", summary="减负清单 / What communities were asked", responses=problems.responses(OutOfScope)
)
async def list_burdens(
    area: AreaPrefix, session: Transaction, who: Caller, year: Annotated[int, Query(ge=2020, le=2100)]
) -> list[BurdenView]:
    """List what was asked in a year, what took most time first; for the area's staff and auditors."""
    who.require(area, "desk", "operator", "official", "auditor")
    return [BurdenView.model_validate(one) for one in await queries.burdens(session, area, year)]
