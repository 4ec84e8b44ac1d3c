"""HTTP of deliveries: administrators see all, an application those of its own subscriptions."""

import uuid

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from gateway.console.callers import own_application
from gateway.console.webhooks.replay_delivery import Replay, replay_delivery
from gateway.console.webhooks.rules import DeliveryUnseen, State
from gateway.console.webhooks.tables import Delivery
from gateway.routes import ADMINISTRATOR, AUDITOR
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_id, encode_cursor
from shared.problems import responses

router = APIRouter(prefix="/deliveries", tags=["外发订阅 webhooks"], route_class=IdempotentRoute)


class DeliveryView(BaseModel):
    """An event on its way to a subscription."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    subscription: str
    application: str
    event_id: uuid.UUID
    type: str
    state: State
    attempts: int
    created_at: Moment
    due_at: Moment | None
    delivered_at: Moment | None
    last_status: int | None
    last_fault: str | None


@router.get("", summary="投递记录 / Deliveries", responses=responses(OutOfScope, BadCursor))
async def read_deliveries(
    session: Transaction,
    who: Caller,
    state: State | None = None,
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Page[DeliveryView]:
    """List deliveries of the last 30 days, the newest first."""
    wanted = select(Delivery).order_by(Delivery.id.desc()).limit(page_size + 1)
    if own := own_application(who, ADMINISTRATOR, AUDITOR):
        wanted = wanted.where(Delivery.application == own)
    if state == "delivered":
        wanted = wanted.where(Delivery.delivered_at.is_not(None))
    elif state:
        due = Delivery.due_at.is_not(None) if state == "due" else Delivery.due_at.is_(None)
        wanted = wanted.where(due, Delivery.delivered_at.is_(None))
    if cursor:
        wanted = wanted.where(Delivery.id < decode_id(cursor))
    found = list(await session.scalars(wanted))
    next_cursor = encode_cursor(str(found[page_size - 1].id)) if len(found) > page_size else None
    return Page(items=[DeliveryView.model_validate(each) for each in found[:page_size]], next_cursor=next_cursor)


@router.post(
    "/{delivery_id}/replay",
    summary="重新投递 / Replay a delivery",
    responses=responses(OutOfScope, DeliveryUnseen),
)
async def replay(session: Transaction, who: Caller, delivery_id: uuid.UUID) -> DeliveryView:
    """Send it again, under the same webhook-id."""
    return DeliveryView.model_validate(
        await replay_delivery(session, Replay(delivery_id, own_application(who, ADMINISTRATOR)))
    )
