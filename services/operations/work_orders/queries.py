"""Reads of work orders."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.work_orders.rules import Taken, WorkOrderUnseen, WorkState
from services.operations.work_orders.tables import WorkOrder, WorkStep

Steps = dict[uuid.UUID, list[WorkStep]]
ORDERS_MAX = 500


async def order(session: AsyncSession, community_code: str, order_id: uuid.UUID) -> WorkOrder:
    """Return a work order.

    Raises:
        WorkOrderUnseen: There is none.
    """
    row = await session.get(WorkOrder, (community_code, order_id))
    if row is None:
        raise WorkOrderUnseen(order_id=str(order_id))
    return row


async def orders(session: AsyncSession, area: str, open_by: date | None) -> Sequence[WorkOrder]:
    """Return an area's work orders, what is open before what was accepted, and of either the first due first.

    With a day, those that were due before it and are open.
    """
    rows = select(WorkOrder).where(WorkOrder.community_code.startswith(area))
    accepted = (
        select(WorkStep)
        .where(
            WorkStep.community_code == WorkOrder.community_code,
            WorkStep.order_id == WorkOrder.id,
            WorkStep.state == "accepted",
        )
        .exists()
    )
    if open_by:
        rows = rows.where(WorkOrder.due_on < open_by, ~accepted)
    ordered = rows.order_by(accepted, WorkOrder.due_on, WorkOrder.id)
    return (await session.scalars(ordered.limit(ORDERS_MAX))).all()


async def raised(session: AsyncSession, community_code: str, checkup_id: uuid.UUID) -> Sequence[WorkOrder]:
    """Return a community's work orders of one check-up, all of them, the first due first."""
    rows = select(WorkOrder).where(WorkOrder.community_code == community_code, WorkOrder.checkup_id == checkup_id)
    return (await session.scalars(rows.order_by(WorkOrder.due_on, WorkOrder.id))).all()


async def steps(session: AsyncSession, ids: Sequence[uuid.UUID]) -> Steps:
    """Return the steps of work orders, in order."""
    rows = await session.scalars(select(WorkStep).where(WorkStep.order_id.in_(ids)).order_by(WorkStep.number))
    by_order: Steps = defaultdict(list)
    for row in rows:
        by_order[row.order_id].append(row)
    return by_order


def taken(rows: Sequence[WorkStep]) -> list[Taken]:
    """Return what a rule needs of the steps."""
    return [Taken(cast("WorkState", row.state), row.taken_at, row.taken_by) for row in rows]
