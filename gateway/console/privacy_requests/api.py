"""HTTP of requests about one's own data."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from gateway.console.privacy_requests.ask import Ask, ask
from gateway.console.privacy_requests.decide import Decide, decide
from gateway.console.privacy_requests.rules import (
    ErasureWaiting,
    Kind,
    OwnRequest,
    RequestDecided,
    RequestUnseen,
    Verdict,
)
from gateway.console.privacy_requests.tables import PrivacyRequest
from gateway.registry import Line
from gateway.routes import STAFF
from shared.assistance import ChannelNotAllowed, ConsentMissing, ResidentBody, resident_of
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix, CommunityCode, ResidentId, ResidentText, Subject
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_id, encode_cursor
from shared.problems import responses

router = APIRouter(prefix="/privacy-requests", tags=["个人信息请求 privacy requests"], route_class=IdempotentRoute)


class Asked(ResidentBody):
    """What a resident asks."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    kind: Kind
    what: Annotated[
        str,
        Field(max_length=1000, pattern=PRINTABLE, description="更正：哪条记录、应为什么 / which, and what is right"),
    ] = ""


class Decided(BaseModel):
    """What staff say, and why."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    reason: Line


class RequestView(BaseModel):
    """A request, and how far it is."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: str
    kind: Kind
    resident_id: ResidentId
    what: ResidentText
    given_by: Subject
    asked_at: Moment
    verdict: Verdict | None
    decided_by: str | None
    reason: str | None
    erased_in: list[str]
    done_at: Moment | None


@router.post(
    "",
    status_code=201,
    summary="注销或更正 / Ask to be erased or corrected",
    responses=responses(OutOfScope, ChannelNotAllowed, ConsentMissing, ErasureWaiting),
)
async def make(session: Transaction, who: Caller, body: Asked) -> RequestView:
    """Take a request; one's own erasure begins at once and cannot be taken back."""
    command = Ask(body.community_code, body.kind, body.what, body.on_behalf(), who, datetime.now(UTC))
    return RequestView.model_validate(await ask(session, command))


@router.post(
    "/{request_id}/decision",
    summary="处理请求 / Decide on a request",
    responses=responses(RequestUnseen, RequestDecided, OwnRequest),
)
async def settle(session: Transaction, who: Caller, request_id: uuid.UUID, body: Decided) -> RequestView:
    """Decide on a correction, or on an erasure that was asked for at the desk by another."""
    command = Decide(request_id, body.verdict, body.reason, who, datetime.now(UTC))
    return RequestView.model_validate(await decide(session, command))


@router.get("/me", summary="我的请求 / My requests", responses=responses(OutOfScope))
async def read_mine(session: Transaction, who: Caller) -> list[RequestView]:
    """List the caller's own requests, the newest first."""
    mine = select(PrivacyRequest).where(PrivacyRequest.resident_id == resident_of(who))
    return [RequestView.model_validate(each) for each in await session.scalars(mine.order_by(PrivacyRequest.id.desc()))]


@router.get("", summary="辖区内的请求 / Requests of an area", responses=responses(OutOfScope, BadCursor))
async def read_all(
    session: Transaction, who: Caller, area: AreaPrefix, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[RequestView]:
    """List the requests of an area, the newest first."""
    who.require(area, *STAFF)
    wanted = select(PrivacyRequest).where(PrivacyRequest.community_code.startswith(area))
    if cursor:
        wanted = wanted.where(PrivacyRequest.id < decode_id(cursor))
    found = list(await session.scalars(wanted.order_by(PrivacyRequest.id.desc()).limit(page_size + 1)))
    next_cursor = encode_cursor(str(found[page_size - 1].id)) if len(found) > page_size else None
    return Page(items=[RequestView.model_validate(each) for each in found[:page_size]], next_cursor=next_cursor)
