"""HTTP of work orders."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.operations.checkups.rules import CheckupUnseen
from services.operations.fund.rules import EarmarkViolated, FundUnseen, PotUnseen
from services.operations.terms.rules import Fen, Text
from services.operations.work_orders import queries
from services.operations.work_orders.raise_orders import Raising, raise_orders
from services.operations.work_orders.rules import (
    AcceptedByOwnHand,
    NothingFails,
    Urgency,
    WorkOrderUnseen,
    WorkState,
    WorkStepRefused,
    state_of,
)
from services.operations.work_orders.tables import WorkOrder, WorkStep
from services.operations.work_orders.take_step import Step, take_step
from shared import problems
from shared.clock import Moment, local_day
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["整改工单 work orders"], route_class=IdempotentRoute)

STEP = (WorkOrderUnseen, WorkStepRefused, OutOfScope)


class Assignment(BaseModel):
    """Who is to do it, and the pot of the fund that pays."""

    contractor: Annotated[Text, Field(description="承办单位，不填个人姓名 / the organisation; no person's name")]
    pot: Annotated[str, Field(min_length=1, max_length=40, pattern=PRINTABLE)]


class Completion(BaseModel):
    """What was done and what it cost."""

    report: Text
    cost_fen: Fen
    evidence: Annotated[list[Text], Field(min_length=1, max_length=50)]


class Verdict(BaseModel):
    """Whether the work is accepted, and why it is not."""

    verdict: Literal["accepted", "sent_back"]
    reason: Text


class StepView(BaseModel):
    """A step that was taken."""

    state: WorkState
    facts: dict[str, Any]
    payment_id: uuid.UUID | None
    taken_at: Moment
    taken_by: str


class OrderView(BaseModel):
    """A work order, how late it is and how it came there."""

    id: uuid.UUID
    community_code: str
    checkup_id: uuid.UUID
    item: str
    name: str
    parts: list[str]
    urgency: Urgency
    due_on: date
    days_late: int = Field(description="超期天数，未超期为 0 / days since it was due, as long as it is open")
    state: WorkState
    steps: list[StepView]


@router.post(
    "/checkups/{checkup_id}/work-orders/{code}",
    status_code=201,
    summary="对不合格项派单 / Raise work orders for what failed",
    responses=problems.responses(CheckupUnseen, NothingFails, OutOfScope),
)
async def raise_work_orders(
    checkup_id: uuid.UUID, code: CommunityCode, session: Transaction, who: Caller
) -> list[OrderView]:
    """Raise a work order for each item that failed; takes an operator or official. Again, it adds nothing."""
    who.require(code, "operator", "official")
    now = datetime.now(UTC)
    await raise_orders(session, Raising(checkup_id, code, by=who.subject, now=now))
    return await _views(session, await queries.raised(session, code, checkup_id), now)


@router.get("/work-orders/{area}", summary="工单列表 / Work orders", responses=problems.responses(OutOfScope))
async def list_work_orders(
    area: AreaPrefix,
    session: Transaction,
    who: Caller,
    *,
    overdue: Annotated[bool, Query(description="只看超期未完 / only those that are late")] = False,
) -> list[OrderView]:
    """List the area's work orders, what is open first and by its day, at most 500; for its staff and auditors."""
    who.require(area, "desk", "operator", "official", "auditor")
    now = datetime.now(UTC)
    return await _views(session, await queries.orders(session, area, local_day(now) if overdue else None), now)


@router.post(
    "/work-orders/{code}/{order_id}/assignment",
    status_code=201,
    summary="指派承办单位 / Assign a work order",
    responses=problems.responses(*STEP),
)
async def assign_work_order(
    code: CommunityCode, order_id: uuid.UUID, body: Assignment, session: Transaction, who: Caller
) -> OrderView:
    """Assign the work, or assign it anew; takes an operator or official of the community."""
    who.require(code, "operator", "official")
    return await _step(session, who, (code, order_id, "assigned", body.model_dump()))


@router.post(
    "/work-orders/{code}/{order_id}/completion",
    status_code=201,
    summary="报告完工 / Report the work done",
    responses=problems.responses(*STEP),
)
async def complete_work_order(
    code: CommunityCode, order_id: uuid.UUID, body: Completion, session: Transaction, who: Caller
) -> OrderView:
    """Report the work done, with its cost; for the community's staff."""
    who.require(code, "desk", "operator", "official")
    return await _step(session, who, (code, order_id, "done", body.model_dump()))


@router.post(
    "/work-orders/{code}/{order_id}/acceptance",
    status_code=201,
    summary="验收工单 / Accept a work order",
    responses=problems.responses(*STEP, AcceptedByOwnHand, FundUnseen, PotUnseen, EarmarkViolated),
)
async def accept_work_order(
    code: CommunityCode, order_id: uuid.UUID, body: Verdict, session: Transaction, who: Caller
) -> OrderView:
    """Accept the work, which asks the fund to pay it, or send it back; takes an official who had no hand in it."""
    who.require(code, "official")
    return await _step(session, who, (code, order_id, body.verdict, {"reason": body.reason}))


async def _step(
    session: Transaction, who: Caller, asked: tuple[str, uuid.UUID, WorkState, dict[str, Any]]
) -> OrderView:
    now = datetime.now(UTC)
    await take_step(session, Step(*asked, by=who.subject, now=now))
    [view] = await _views(session, [await queries.order(session, asked[0], asked[1])], now)
    return view


async def _views(session: Transaction, found: Sequence[WorkOrder], now: datetime) -> list[OrderView]:
    steps = await queries.steps(session, [one.id for one in found])
    return [_view(one, steps[one.id], now) for one in found]


def _view(order: WorkOrder, steps: Sequence[WorkStep], now: datetime) -> OrderView:
    state = state_of(queries.taken(steps))
    late = 0 if state == "accepted" else max(0, (local_day(now) - order.due_on).days)
    facts = {name: getattr(order, name) for name in OrderView.model_fields.keys() - {"days_late", "state", "steps"}}
    told = [StepView.model_validate(step, from_attributes=True) for step in steps]
    return OrderView(**facts, days_late=late, state=state, steps=told)
