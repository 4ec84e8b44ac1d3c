"""HTTP: emergency plans, rehearsal, one command to put a plan into force, and the way back."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.emergencies.complete_task import complete_task
from services.scenarios.emergencies.declare import Declare, declare
from services.scenarios.emergencies.draft_plan import DraftPlan, approve_plan, draft_plan
from services.scenarios.emergencies.queries import Situation, find_emergency, find_situation
from services.scenarios.emergencies.rehearse import rehearse
from services.scenarios.emergencies.rules import (
    Change,
    EmergencyElsewhere,
    EmergencyUnseen,
    PlanInadmissible,
    PlanNotApproved,
    PlanUnseen,
    TaskKind,
    TwoPersonsNeeded,
)
from services.scenarios.emergencies.stand_down import StandDown, stand_down
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode, ResidentId, Subject
from shared.idempotency import IdempotentRoute
from shared.identity import Caller, Identity

router = APIRouter(tags=["平战结合 Emergencies"], route_class=IdempotentRoute)

Text = Annotated[str, Field(min_length=1, max_length=1_000, pattern=PRINTABLE)]
Ids = Annotated[list[uuid.UUID], Field(max_length=1_000)]
DECLARING = (PlanUnseen, OutOfScope, PlanNotApproved, EmergencyElsewhere)


class PlanBody(BaseModel):
    """What is taken over, kept, moved, visited and brought when the plan is put into force."""

    model_config = ConfigDict(from_attributes=True)

    community_code: CommunityCode
    name: Text
    takeover: Annotated[Ids, Field(min_length=1, description="征用的空间 / spaces taken over")]
    essential: Annotated[Ids, Field(description="照常保留的空间 / spaces kept as they are")]
    refuges: Annotated[Ids, Field(description="接收改期预约的空间 / spaces that bookings are moved to")]
    care: Annotated[list[ResidentId], Field(max_length=1_000, description="须上门探访的居民 / residents to be visited")]
    supplies: Annotated[dict[Text, Annotated[int, Field(ge=1, le=10**9)]], Field(max_length=200)]
    broadcast: Text
    compensation: Annotated[Text, Field(description="对受影响预约的补偿 / what those affected get")]


class PlanView(PlanBody):
    """A plan, and who approved it."""

    id: uuid.UUID
    published_by: str
    approved_by: str | None


class DeclarationBody(BaseModel):
    """Why, and until when."""

    reason: Text
    until: Moment

    @model_validator(mode="after")
    def _ahead(self) -> "DeclarationBody":
        if self.until <= datetime.now(UTC):
            raise ValueError("until 须在将来 / until lies in the future")
        return self


class ChangeView(BaseModel):
    """What happens to a booking."""

    model_config = ConfigDict(from_attributes=True)

    booking_id: uuid.UUID
    change: Change
    from_space_id: uuid.UUID
    to_space_id: uuid.UUID | None
    reason: str
    compensation: str
    undone_at: Moment | None


class TaskView(BaseModel):
    """What is to be done by when."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    kind: TaskKind
    subject: Annotated[Subject, Field(description="居民或物资 / the resident to visit, or what to bring")]
    quantity: int
    due_at: Moment
    done_at: Moment | None


class SituationView(BaseModel):
    """An emergency with all that it changes."""

    id: uuid.UUID
    plan_id: uuid.UUID
    reason: str
    declared_at: Moment
    until: Moment
    ended_at: Moment | None
    changes: list[ChangeView]
    tasks: list[TaskView]


class RehearsalView(SituationView):
    """What a plan would do, and whether all of it could be undone; nothing of it was done."""

    restored: bool


def _view(situation: Situation) -> SituationView:
    own = ("id", "plan_id", "reason", "declared_at", "until", "ended_at")
    return SituationView.model_validate(
        {
            **{name: getattr(situation.emergency, name) for name in own},
            "changes": [ChangeView.model_validate(one) for one in situation.changes],
            "tasks": [TaskView.model_validate(one) for one in situation.tasks],
        }
    )


def _declare(plan_id: uuid.UUID, body: DeclarationBody, who: Identity) -> Declare:
    return Declare(plan_id, body.reason, body.until, who, datetime.now(UTC))


@router.post(
    "/emergency-plans",
    status_code=201,
    summary="起草应急预案 / Draft a plan",
    responses=problems.responses(OutOfScope, CommunityUnknown, PlanInadmissible),
)
async def draft(session: Transaction, who: Caller, body: PlanBody) -> PlanView:
    """Draft a plan in peace."""
    fields = {name: getattr(body, name) for name in PlanBody.model_fields}
    return PlanView.model_validate(await draft_plan(session, DraftPlan(**fields, by=who)))


@router.post(
    "/emergency-plans/{plan_id}/approval",
    status_code=201,
    summary="批准预案 / Approve a plan",
    responses=problems.responses(PlanUnseen, OutOfScope, TwoPersonsNeeded),
)
async def approve(session: Transaction, who: Caller, plan_id: uuid.UUID) -> PlanView:
    """Approve a plan that another has drafted."""
    return PlanView.model_validate(await approve_plan(session, plan_id, who, datetime.now(UTC)))


@router.post(
    "/emergency-plans/{plan_id}/rehearsal",
    status_code=201,
    summary="演练 / Rehearse a plan",
    responses=problems.responses(*DECLARING),
)
async def drill(session: Transaction, who: Caller, plan_id: uuid.UUID, body: DeclarationBody) -> RehearsalView:
    """Show what the plan would change, task by task and booking by booking, and that it can be undone; do nothing."""
    rehearsal = await rehearse(session, _declare(plan_id, body, who))
    return RehearsalView(**_view(rehearsal.situation).model_dump(), restored=rehearsal.restored)


@router.post(
    "/emergency-plans/{plan_id}/declaration",
    status_code=201,
    summary="启动预案 / Put a plan into force",
    responses=problems.responses(*DECLARING),
)
async def begin(session: Transaction, who: Caller, plan_id: uuid.UUID, body: DeclarationBody) -> SituationView:
    """Put a plan into force: one command, all or nothing."""
    return _view(await declare(session, _declare(plan_id, body, who)))


@router.get(
    "/emergencies/{emergency_id}", summary="应急状态 / An emergency", responses=problems.responses(EmergencyUnseen)
)
async def show(session: Transaction, who: Caller, emergency_id: uuid.UUID) -> SituationView:
    """Show an emergency to staff of the community."""
    return _view(await find_situation(session, await find_emergency(session, emergency_id, who)))


@router.post(
    "/emergencies/{emergency_id}/end",
    status_code=201,
    summary="解除应急 / Stand down",
    responses=problems.responses(EmergencyUnseen, OutOfScope, EmergencyElsewhere),
)
async def end(session: Transaction, who: Caller, emergency_id: uuid.UUID) -> SituationView:
    """Give spaces back and put bookings back that have not begun."""
    return _view(await stand_down(session, StandDown(emergency_id, who, datetime.now(UTC))))


@router.post(
    "/emergency-tasks/{task_id}/completion",
    status_code=201,
    summary="完成应急任务 / Complete a task",
    responses=problems.responses(EmergencyUnseen, EmergencyElsewhere),
)
async def complete(session: Transaction, who: Caller, task_id: uuid.UUID) -> TaskView:
    """Note that a visit was made or supplies were brought; staff of the community may."""
    return TaskView.model_validate(await complete_task(session, task_id, who, datetime.now(UTC)))
