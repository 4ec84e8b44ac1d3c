"""HTTP of checks: staff ask for one in their community, and read what came of it."""

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import select

from gateway.console.verification.request_check import Wanted, request_check
from gateway.console.verification.rules import (
    CheckUnseen,
    Claimed,
    Kind,
    Result,
)
from gateway.console.verification.tables import Check
from gateway.registry import Line
from gateway.routes import AUDITOR, DESK, OFFICIAL, OPERATOR
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identifiers import IdNumberInvalid, SocialCreditCodeInvalid
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_id, encode_cursor
from shared.problems import responses

WHO = (DESK, OPERATOR, OFFICIAL)
router = APIRouter(prefix="/checks", tags=["核验 checks"], route_class=IdempotentRoute)

Number = Annotated[str, StringConstraints(min_length=18, max_length=18, pattern=r"^[0-9A-Z]*$")]


class CheckToAsk(BaseModel):
    """What is to be compared with what the province knows."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = Field(description="residence 户籍所在区县；organisation 统一社会信用代码")
    community_code: CommunityCode
    name: Line
    number: Number = Field(description="公民身份号码，或统一社会信用代码 / id number, or social-credit code")
    purpose: Line = Field(description="核验用途，记录在案 / it stands on record")
    consented: Literal[True] = Field(description="已获本人或该单位同意 / they agreed to it")


class CheckView(BaseModel):
    """A check; what it asked about is masked."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: str
    kind: Kind
    about: str
    purpose: str
    asked_by: str
    asked_at: Moment
    due_at: Moment | None = Field(description="空且无结果为已放弃 / none without a result: given up")
    attempts: int
    result: Result | None
    answered_at: Moment | None
    request_id: str | None = Field(description="共享平台的请求编号 / the platform's number for it")
    last_fault: str | None


@router.post(
    "",
    status_code=201,
    summary="申请核验 / Ask for a check",
    responses=responses(OutOfScope, IdNumberInvalid, SocialCreditCodeInvalid),
)
async def ask(request: Request, session: Transaction, who: Caller, body: CheckToAsk) -> CheckView:
    """Ask for a check; it is carried out within seconds, or as soon as the platform answers."""
    who.require(body.community_code, *WHO)
    claimed = Claimed(body.kind, body.name, body.number)
    wanted = Wanted(body.community_code, claimed, body.purpose, who.subject)
    return CheckView.model_validate(await request_check(session, wanted, key=request.app.state.registry_key))


@router.get("/{check_id}", summary="核验结果 / A check", responses=responses(CheckUnseen))
async def read_check(session: Transaction, who: Caller, check_id: uuid.UUID) -> CheckView:
    """Return a check with its result."""
    check = await session.get(Check, check_id)
    if check is None or not who.holds(check.community_code, *WHO, AUDITOR):
        raise CheckUnseen(check_id=str(check_id))
    return CheckView.model_validate(check)


@router.get("", summary="核验记录 / Checks", responses=responses(OutOfScope, BadCursor))
async def read_checks(
    session: Transaction, who: Caller, area: AreaPrefix, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[CheckView]:
    """List what was asked in an area, the newest first."""
    who.require(area, *WHO, AUDITOR)
    wanted = select(Check).where(Check.community_code.startswith(area)).order_by(Check.id.desc())
    if cursor:
        wanted = wanted.where(Check.id < decode_id(cursor))
    found = list(await session.scalars(wanted.limit(page_size + 1)))
    next_cursor = encode_cursor(str(found[page_size - 1].id)) if len(found) > page_size else None
    return Page(items=[CheckView.model_validate(each) for each in found[:page_size]], next_cursor=next_cursor)
