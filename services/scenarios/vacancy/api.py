"""HTTP: how much a space is used, who came, roll-ups, and iteration cases."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.spaces.queries import find_space
from services.scenarios.spaces.rules import SpaceUnseen
from services.scenarios.vacancy.advance_case import AdvanceCase, advance_case
from services.scenarios.vacancy.note_visit import NoteVisit, note_visit
from services.scenarios.vacancy.queries import (
    CaseHistory,
    find_case,
    find_history,
    list_cases,
    list_months,
    measure_space,
)
from services.scenarios.vacancy.rules import (
    CaseUnseen,
    Decision,
    Mode,
    Profile,
    ProfileUnseen,
    Stage,
    StageNotNext,
    TrialTooShort,
    VisitToCome,
    WindowInadmissible,
)
from services.scenarios.vacancy.set_profile import SetProfile, set_profile
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode, Subject, VisitorId
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["空置治理 Vacancy loop"], route_class=IdempotentRoute)

Text = Annotated[str, Field(min_length=1, max_length=2_000, pattern=PRINTABLE)]
READERS = (*STAFF_ROLES, "auditor")


class ProfileBody(BaseModel):
    """What a space's use is measured against."""

    model_config = ConfigDict(from_attributes=True)

    mode: Annotated[Mode, Field(description="预约使用、自由到访 / by booking, or people walk in")]
    capacity: Annotated[int, Field(ge=1, le=100_000, description="同时人数；自由到访为每小时人次 / places; per hour")]
    households: Annotated[int, Field(ge=1, le=1_000_000, description="覆盖户数 / households around")]
    annual_cost_fen: Annotated[int, Field(ge=0, le=10**13, description="年运营成本（分）/ yearly cost in fen")]


class ProfileView(ProfileBody):
    """A space's profile, and since when its use has been low."""

    space_id: uuid.UUID
    community_code: CommunityCode
    low_since: Moment | None


class VisitBody(BaseModel):
    """People who came without a booking."""

    model_config = ConfigDict(from_attributes=True)

    resident_id: VisitorId | None = None
    people: Annotated[int, Field(ge=1, le=100_000)] = 1
    visited_at: Moment


class VisitView(VisitBody):
    """A visit on record."""

    id: uuid.UUID
    space_id: uuid.UUID
    noted_by: str


class FunctionUseView(BaseModel):
    """Minutes that a space was booked as a function, of those that it was bookable as that."""

    model_config = ConfigDict(from_attributes=True)

    function: str
    used: int
    bookable: int
    utilisation_permille: int


class UseView(BaseModel):
    """How much a space was used; shares are in thousandths, rounded down."""

    model_config = ConfigDict(from_attributes=True)

    mode: Mode
    used: int
    bookable: int
    uses: int
    users: int
    utilisation_permille: int
    fill_permille: int | None
    reach_permille: int
    cost_per_use_fen: int | None
    by_function: Annotated[
        list[FunctionUseView], Field(description="预约空间各功能的使用与可用分钟 / by what a booked space served as")
    ] = []


class MonthView(BaseModel):
    """A space's roll-up of a month."""

    model_config = ConfigDict(from_attributes=True)

    space_id: uuid.UUID
    mode: Mode
    used: int
    bookable: int
    uses: int
    users: int
    by_function: list[FunctionUseView]
    rolled_up_at: Moment


class Months(BaseModel):
    """The roll-ups of a community's spaces."""

    items: list[MonthView]


class StepView(BaseModel):
    """What was done at a stage."""

    model_config = ConfigDict(from_attributes=True)

    stage: Stage
    note: str
    evidence: dict[str, str]
    given_by: Subject
    given_at: Moment


class CaseView(BaseModel):
    """An iteration case: the use that opened it, and the use after its trial."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: CommunityCode
    space_id: uuid.UUID
    stage: Stage
    opened_at: Moment
    baseline: UseView
    trial_started_at: Moment | None
    measured_at: Moment | None
    second: UseView | None
    decision: Decision | None


class CaseHistoryView(CaseView):
    """A case with its steps."""

    steps: list[StepView]


class Cases(BaseModel):
    """A community's cases."""

    items: list[CaseView]


class StepBody(BaseModel):
    """A step of a case; closing it takes a decision."""

    to: Stage
    note: Text
    evidence: Annotated[dict[Text, Text], Field(max_length=20)] = {}
    decision: Decision | None = None

    @model_validator(mode="after")
    def _decided(self) -> "StepBody":
        if (self.to == "closed") != (self.decision is not None):
            raise ValueError("关闭工单时填写 decision，且仅在此时 / a decision closes a case, and nothing else does")
        return self


@router.post(
    "/spaces/{space_id}/use-profile",
    status_code=201,
    summary="设置使用口径 / Set a use profile",
    responses=problems.responses(SpaceUnseen, OutOfScope),
)
async def profile(session: Transaction, who: Caller, space_id: uuid.UUID, body: ProfileBody) -> ProfileView:
    """Say what a space's use is measured against; it is watched from then on."""
    command = SetProfile(space_id, Profile(**body.model_dump()), who)
    return ProfileView.model_validate(await set_profile(session, command))


@router.post(
    "/spaces/{space_id}/visits",
    status_code=201,
    summary="登记到访 / Note a visit",
    responses=problems.responses(SpaceUnseen, OutOfScope, VisitToCome),
)
async def visit(session: Transaction, who: Caller, space_id: uuid.UUID, body: VisitBody) -> VisitView:
    """Note people who came; a device or staff of the community may."""
    command = NoteVisit(space_id, body.resident_id, body.people, body.visited_at, who, datetime.now(UTC))
    return VisitView.model_validate(await note_visit(session, command))


@router.get(
    "/spaces/{space_id}/use",
    summary="空间使用情况 / How much a space is used",
    responses=problems.responses(SpaceUnseen, OutOfScope, ProfileUnseen, WindowInadmissible),
)
async def use(
    session: Transaction,
    who: Caller,
    space_id: uuid.UUID,
    since: Annotated[Moment, Query(alias="from")],
    until: Annotated[Moment, Query(alias="to")],
) -> UseView:
    """Measure a space's use within [from, to)."""
    who.require((await find_space(session, space_id)).community_code, *READERS)
    return UseView.model_validate(await measure_space(session, space_id, since, until))


@router.get("/utilisation", summary="月度使用率 / Utilisation of a month", responses=problems.responses(OutOfScope))
async def utilisation(
    session: Transaction,
    who: Caller,
    community_code: CommunityCode,
    month: Annotated[date, Query(description="该月任一天 / any day of the month")],
) -> Months:
    """List the roll-ups of a community's spaces."""
    who.require(community_code, *READERS)
    found = await list_months(session, community_code, month.replace(day=1))
    return Months(items=[MonthView.model_validate(row) for row in found])


@router.get("/iteration-cases", summary="迭代工单 / Iteration cases", responses=problems.responses(OutOfScope))
async def cases(
    session: Transaction,
    who: Caller,
    community_code: CommunityCode,
    with_closed: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter has a name
) -> Cases:
    """List a community's cases, newest first."""
    who.require(community_code, *READERS)
    found = await list_cases(session, community_code, with_closed=with_closed)
    return Cases(items=[CaseView.model_validate(case) for case in found])


def _history(history: CaseHistory) -> CaseHistoryView:
    case = CaseView.model_validate(history.case).model_dump()
    return CaseHistoryView.model_validate({**case, "steps": [StepView.model_validate(one) for one in history.steps]})


@router.get("/iteration-cases/{case_id}", summary="一个迭代工单 / A case", responses=problems.responses(CaseUnseen))
async def show(session: Transaction, who: Caller, case_id: uuid.UUID) -> CaseHistoryView:
    """Show a case with its steps to staff of the community."""
    return _history(await find_history(session, await find_case(session, case_id, who)))


@router.post(
    "/iteration-cases/{case_id}/steps",
    status_code=201,
    summary="推进迭代工单 / Take a case on",
    responses=problems.responses(CaseUnseen, OutOfScope, StageNotNext, TrialTooShort),
)
async def step(session: Transaction, who: Caller, case_id: uuid.UUID, body: StepBody) -> CaseHistoryView:
    """Note what was done and take the case on; it closes only when it was measured again after a trial."""
    command = AdvanceCase(case_id, body.to, body.note, dict(body.evidence), body.decision, who, datetime.now(UTC))
    return _history(await find_history(session, await advance_case(session, command)))
