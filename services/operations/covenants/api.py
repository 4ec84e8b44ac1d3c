"""HTTP of the three lists and of covenants."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.covenants import queries
from services.operations.covenants.enter import Entering, enter
from services.operations.covenants.propose import Proposal, propose
from services.operations.covenants.rules import (
    CovenantState,
    CovenantUnseen,
    EntriesDoNotFit,
    EntryUnseen,
    Kind,
    NotEnoughLeft,
    Side,
    SignatureRefused,
)
from services.operations.covenants.sign import Signature, sign
from services.operations.covenants.withdraw import withdraw
from shared import problems
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_id, encode_cursor

router = APIRouter(tags=["三张清单与共建契约 lists and covenants"], route_class=IdempotentRoute)

STAFF = ("desk", "operator", "official")
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]
Category = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Quantity = Annotated[int, Field(gt=0, le=1_000_000_000)]


class EntryBody(BaseModel):
    """A need, a resource or a project."""

    model_config = ConfigDict(from_attributes=True)

    kind: Kind
    category: Category
    title: Text
    party: Annotated[Text, Field(description="单位名称，不填个人姓名 / the organisation; no person's name")]
    unit: Text
    quantity: Quantity
    first_day: date
    last_day: date

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """Refuse days that are not in order."""
        if self.first_day > self.last_day:
            raise ValueError("first_day 不得晚于 last_day / first_day is after last_day")
        return self


class EntryView(EntryBody):
    """An entry, and how much of it is promised."""

    id: uuid.UUID
    community_code: str
    promised: int


class ProposalBody(BaseModel):
    """A covenant that is to be proposed."""

    need_id: uuid.UUID
    resource_community_code: CommunityCode
    resource_id: uuid.UUID
    project_id: uuid.UUID
    quantity: Quantity


class SignatureBody(BaseModel):
    """For which side somebody signs."""

    side: Side


class CovenantView(ProposalBody):
    """A covenant and who has signed it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: str
    state: CovenantState
    signatures: dict[Side, str] = {}


@router.post(
    "/lists/{code}",
    status_code=201,
    summary="列入清单 / Enter a need, a resource or a project",
    responses=problems.responses(CommunityNotRegistered, OutOfScope),
)
async def enter_on_list(code: CommunityCode, body: EntryBody, session: Transaction, who: Caller) -> EntryView:
    """Enter something on its list; takes the community's staff."""
    who.require(code, *STAFF)
    entering = Entering(community_code=code, **body.model_dump(), entered_by=who.subject, entered_at=datetime.now(UTC))
    return EntryView.model_validate(await queries.entry(session, code, await enter(session, entering)))


@router.get("/lists/{area}/{kind}", summary="需求、资源、项目清单 / A list", responses=problems.responses(BadCursor))
async def get_list(
    area: AreaPrefix,
    kind: Kind,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - the lists are public to any known caller
    *,
    page_size: PageSize = 50,
    cursor: Cursor = None,
) -> Page[EntryView]:
    """See a list of an area, in the order of entry."""
    found = await queries.entries(session, area, kind, decode_id(cursor) if cursor else None, page_size + 1)
    page = [EntryView.model_validate(one) for one in found[:page_size]]
    return Page(items=page, next_cursor=encode_cursor(str(page[-1].id)) if len(found) > page_size else None)


@router.get(
    "/needs/{code}/{need_id}/matches",
    summary="为需求匹配资源 / Resources that fit a need",
    responses=problems.responses(EntryUnseen, OutOfScope),
)
async def list_matches(code: CommunityCode, need_id: uuid.UUID, session: Transaction, who: Caller) -> list[EntryView]:
    """See which resources of the district fit a need, the best first; for the community's staff."""
    who.require(code, *STAFF)
    need = await queries.entry(session, code, need_id)
    return [EntryView.model_validate(one) for one in await queries.matches(session, need)]


@router.post(
    "/covenants/{code}",
    status_code=201,
    summary="提出共建契约 / Propose a covenant",
    responses=problems.responses(EntryUnseen, EntriesDoNotFit, NotEnoughLeft, OutOfScope),
)
async def propose_covenant(code: CommunityCode, body: ProposalBody, session: Transaction, who: Caller) -> CovenantView:
    """Propose a covenant for a need of this community; takes its staff."""
    who.require(code, *STAFF)
    proposal = Proposal(community_code=code, **body.model_dump(), by=who.subject, now=datetime.now(UTC))
    return await _view(session, code, (await propose(session, proposal)).id)


@router.get(
    "/covenants/{code}/{covenant_id}", summary="共建契约 / A covenant", responses=problems.responses(CovenantUnseen)
)
async def get_covenant(
    code: CommunityCode,
    covenant_id: uuid.UUID,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - covenants are public to any known caller
) -> CovenantView:
    """See a covenant."""
    return await _view(session, code, covenant_id)


@router.post(
    "/covenants/{code}/{covenant_id}/signatures",
    status_code=201,
    summary="签署共建契约 / Sign a covenant",
    responses=problems.responses(CovenantUnseen, SignatureRefused, OutOfScope),
)
async def sign_covenant(
    code: CommunityCode, covenant_id: uuid.UUID, body: SignatureBody, session: Transaction, who: Caller
) -> CovenantView:
    """Sign for one side; takes staff of that side's community."""
    covenant = await queries.covenant(session, code, covenant_id)
    who.require(code if body.side == "need" else covenant.resource_community_code, *STAFF)
    await sign(session, Signature(code, covenant_id, body.side, by=who.subject, now=datetime.now(UTC)))
    return await _view(session, code, covenant_id)


@router.post(
    "/covenants/{code}/{covenant_id}/withdrawal",
    status_code=201,
    summary="撤回共建契约 / Withdraw a covenant",
    responses=problems.responses(CovenantUnseen, SignatureRefused, OutOfScope),
)
async def withdraw_covenant(
    code: CommunityCode, covenant_id: uuid.UUID, session: Transaction, who: Caller
) -> CovenantView:
    """Withdraw a covenant before it is in force; takes the staff of the community in need."""
    who.require(code, *STAFF)
    await withdraw(session, code, covenant_id)
    return await _view(session, code, covenant_id)


async def _view(session: Transaction, code: str, covenant_id: uuid.UUID) -> CovenantView:
    covenant = await queries.covenant(session, code, covenant_id)
    view = CovenantView.model_validate(covenant)
    return view.model_copy(update={"signatures": dict(await queries.signatures(session, covenant))})
