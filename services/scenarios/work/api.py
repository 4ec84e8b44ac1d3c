"""HTTP: the staff's work queue."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Row

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.work.queries import FIRST, list_work
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_cursor, encode_cursor

router = APIRouter(tags=["待办 Work queue"], route_class=IdempotentRoute)

WorkKind = Literal[
    "answer", "booking-request", "appeal", "iteration-case", "count", "need-list", "second-entry", "emergency-task",
    "report", "hand-over", "help",
]  # fmt: skip


class WorkItem(BaseModel):
    """Something that waits for staff: what, by when, and the address at which doing it ends it."""

    kind: WorkKind
    title: str
    due_at: Moment
    overdue: bool
    path: Annotated[str, Field(description="在此地址办理，办完即从待办消失 / do it there, and it is gone from here")]


@router.get(
    "/work", summary="工作人员待办 / The staff's work queue", responses=problems.responses(OutOfScope, BadCursor)
)
async def browse(
    session: Transaction, who: Caller, community_code: CommunityCode, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[WorkItem]:
    """List what a community's staff owe, the most urgent first; it is derived, and nobody ticks anything off."""
    who.require(community_code, *STAFF_ROLES)
    now = datetime.now(UTC)
    found = await list_work(session, community_code, now, _after(cursor), page_size + 1)
    page = found[:page_size]
    items = [
        WorkItem(kind=one.kind, title=one.title, due_at=one.due_at, overdue=one.due_at < now, path=one.path)
        for one in page
    ]
    return Page(items=items, next_cursor=_cursor(page[-1]) if len(found) > page_size else None)


def _cursor(row: Row[Any]) -> str:
    return encode_cursor(row.due_at.isoformat(), str(row.id))


def _after(cursor: str | None) -> tuple[datetime, uuid.UUID]:
    if cursor is None:
        return FIRST
    due_at, last_id = decode_cursor(cursor, str, str)
    try:
        moment = datetime.fromisoformat(str(due_at))
        after = moment.astimezone(UTC), uuid.UUID(str(last_id))
    except (ValueError, OverflowError) as error:
        raise BadCursor from error
    if moment.tzinfo is None:
        raise BadCursor
    return after
