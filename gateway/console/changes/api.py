"""HTTP of changes."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from gateway.console.changes import queries
from gateway.console.changes.decide_change import Decision, decide_change
from gateway.console.changes.propose_change import Proposal, propose_change, propose_reversal_of_change
from gateway.console.changes.rules import (
    ChangeDecided,
    ChangeNeedless,
    ChangeUnseen,
    ChangeWaiting,
    DocumentMalformed,
    SamePerson,
    difference,
)
from gateway.console.changes.tables import Change
from gateway.registry import Kind, Line, Named
from gateway.routes import ADMINISTRATOR, AUDITOR
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_id, encode_cursor
from shared.problems import responses

router = APIRouter(tags=["变更 changes"], route_class=IdempotentRoute)


class Proposed(Named):
    """What shall be in force, and why."""

    document: dict[str, Any] | None = Field(description="新的配置；null 表示删除 / the document; null removes it")
    reason: Line


class Reversal(BaseModel):
    """Why a change is taken back."""

    reason: Line


class Verdict(BaseModel):
    """What a second person says."""

    verdict: Literal["approved", "rejected"]


class ChangeView(BaseModel):
    """A change with what it changes, member by member, each as [before, after]."""

    id: uuid.UUID
    kind: Kind
    name: str
    difference: dict[str, list[Any]]
    reason: str
    at_once: bool
    proposed_by: str
    proposed_at: Moment
    verdict: str | None
    decided_by: str | None
    decided_at: Moment | None


class SettingView(BaseModel):
    """A document in force."""

    name: str
    revision: int
    document: dict[str, Any]


def _view(change: Change) -> ChangeView:
    facts = {name: getattr(change, name) for name in ChangeView.model_fields if name != "difference"}
    return ChangeView(**facts, difference=difference(change.before, change.after))


@router.post(
    "/changes",
    status_code=201,
    summary="提交变更 / Propose a change",
    responses=responses(OutOfScope, DocumentMalformed, ChangeNeedless, ChangeWaiting),
)
async def propose(session: Transaction, who: Caller, body: Proposed) -> ChangeView:
    """Propose a document; a second administrator decides on it. One that stops something holds at once."""
    who.require_any(ADMINISTRATOR)
    now = datetime.now(UTC)
    proposal = Proposal(body.kind, body.name, body.document, body.reason, who.subject, now)
    return _view(await propose_change(session, proposal))


@router.post(
    "/changes/{change_id}/reversal",
    status_code=201,
    summary="提交回退 / Propose to take a change back",
    responses=responses(OutOfScope, ChangeUnseen, DocumentMalformed, ChangeNeedless, ChangeWaiting),
)
async def reverse(session: Transaction, who: Caller, change_id: uuid.UUID, body: Reversal) -> ChangeView:
    """Propose what was in force before."""
    who.require_any(ADMINISTRATOR)
    now = datetime.now(UTC)
    return _view(await propose_reversal_of_change(session, change_id, reason=body.reason, by=who.subject, now=now))


@router.post(
    "/changes/{change_id}/decision",
    summary="复核变更 / Decide on a change",
    responses=responses(OutOfScope, ChangeUnseen, ChangeDecided, SamePerson, DocumentMalformed),
)
async def decide(session: Transaction, who: Caller, change_id: uuid.UUID, body: Verdict) -> ChangeView:
    """Approve or reject what another administrator proposed."""
    who.require_any(ADMINISTRATOR)
    decision = Decision(change_id, body.verdict, who.subject, datetime.now(UTC))
    return _view(await decide_change(session, decision))


@router.get("/changes", summary="变更记录 / Changes", responses=responses(OutOfScope, BadCursor))
async def read_changes(
    session: Transaction,
    who: Caller,
    cursor: Cursor = None,
    page_size: PageSize = 50,
    waiting: Annotated[bool, Field(description="只看待复核 / only those that wait")] = False,  # noqa: FBT002
) -> Page[ChangeView]:
    """List changes, the newest first."""
    who.require_any(ADMINISTRATOR, AUDITOR)
    before = decode_id(cursor) if cursor else None
    found = await queries.list_changes(session, waiting=waiting, before=before, size=page_size + 1)
    more = len(found) > page_size
    items = [_view(change) for change in found[:page_size]]
    return Page(items=items, next_cursor=encode_cursor(str(items[-1].id)) if more else None)


@router.get("/settings/{kind}", summary="现行配置 / What is in force", responses=responses(OutOfScope))
async def read_settings(session: Transaction, who: Caller, kind: Kind) -> list[SettingView]:
    """List the documents in force of one kind."""
    who.require_any(ADMINISTRATOR, AUDITOR)
    found = await queries.list_settings(session, kind)
    return [
        SettingView(name=each.name, revision=each.revision, document=each.document)
        for each in found
        if each.document is not None
    ]
