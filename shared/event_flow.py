"""What a service has told and taken in, by type of event: how an operator sees that no event was left behind.

The consumer's counts and the producer's agree once all is taken in: each event that a service takes in stands in its
inbox, whether it had an effect or became a dead letter.
"""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import func, select

from shared.database import Transaction
from shared.errors import OutOfScope
from shared.identity import Caller
from shared.inbox import DeadLetter, InboxRow
from shared.outbox import OutboxRow
from shared.problems import responses

router = APIRouter(tags=["事件 events"])


class EventFlow(BaseModel):
    """Counts of what is kept: by type what was told and what was taken in, and the dead letters that wait."""

    told: dict[str, int]
    taken_in: dict[str, int]
    dead_letters: int


@router.get("/event-flow", summary="事件收发 / Events told and taken in", responses=responses(OutOfScope))
async def read_event_flow(session: Transaction, who: Caller) -> EventFlow:
    """Count events by type."""
    who.require_any("official", "auditor")
    told = await session.execute(select(OutboxRow.type, func.count()).group_by(OutboxRow.type))
    taken_in = await session.execute(select(InboxRow.type, func.count()).group_by(InboxRow.type))
    waiting = await session.scalar(select(func.count()).where(DeadLetter.replayed_at.is_(None)))
    return EventFlow(
        told={kind: count for kind, count in told},  # noqa: C416 - a row is no pair to mypy
        taken_in={kind: count for kind, count in taken_in},  # noqa: C416 - the same
        dead_letters=waiting or 0,
    )
