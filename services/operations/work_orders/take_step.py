"""Take a work order a step on; accepted work is put before the fund, to be paid."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.payments.request_payment import Request, request_payment
from services.operations.work_orders import queries
from services.operations.work_orders.rules import WorkState, WorkStepRefused, check_step
from services.operations.work_orders.tables import WorkStep


@dataclass(frozen=True, slots=True)
class Step:
    """Who takes which step, with what there is to say of it."""

    community_code: str
    order_id: uuid.UUID
    state: WorkState
    facts: dict[str, Any]
    by: str
    now: datetime


async def take_step(session: AsyncSession, command: Step) -> None:
    """Take a step. With the acceptance the cost is asked for from the pot that the work was assigned with.

    Raises:
        WorkOrderUnseen: There is none.
        WorkStepRefused: The step does not follow the last one, or somebody else came first.
        AcceptedByOwnHand: Who accepts had a hand in the work.
        FundUnseen: The community has no fund.
        PotUnseen: The fund has no such pot.
        EarmarkViolated: The pot may not serve facilities.
    """
    await queries.order(session, command.community_code, command.order_id)
    rows = (await queries.steps(session, [command.order_id]))[command.order_id]
    check_step(queries.taken(rows), command.state, command.by)
    added = await session.scalar(
        insert(WorkStep)
        .values(
            community_code=command.community_code,
            order_id=command.order_id,
            number=len(rows) + 1,
            state=command.state,
            facts=command.facts,
            payment_id=await _ask_for(session, command, rows) if command.state == "accepted" else None,
            taken_at=command.now,
            taken_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(WorkStep.number)
    )
    if added is None:
        raise WorkStepRefused(state="changed meanwhile", asked=command.state)


async def _ask_for(session: AsyncSession, command: Step, rows: list[WorkStep]) -> uuid.UUID | None:
    cost_fen: int = rows[-1].facts["cost_fen"]
    if not cost_fen:
        return None
    assigned = next(row for row in reversed(rows) if row.state == "assigned")
    payment = await request_payment(
        session,
        Request(
            community_code=command.community_code,
            pot=assigned.facts["pot"],
            purpose="facilities",
            payee=assigned.facts["contractor"],
            amount_fen=cost_fen,
            by=rows[-1].taken_by,
            now=command.now,
        ),
    )
    return payment.id
