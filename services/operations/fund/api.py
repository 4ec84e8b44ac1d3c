"""HTTP of the community fund."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.fund import queries
from services.operations.fund.earmark import Earmark, earmark
from services.operations.fund.move import Movement
from services.operations.fund.open_fund import Opening, open_fund
from services.operations.fund.receive import receive
from services.operations.fund.rules import (
    OUTSIDE,
    TIERS_USUAL,
    FundExists,
    FundUnseen,
    PotExists,
    PotUnseen,
    Purpose,
    ReferenceUsed,
    Tier,
)
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_id, encode_cursor

router = APIRouter(prefix="/funds", tags=["社区基金 community fund"], route_class=IdempotentRoute)

FEN_MAX = 10**13
Fen = Annotated[int, Field(gt=0, le=FEN_MAX, description="分 / fen")]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]
PotCode = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Reference = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class TierBody(BaseModel):
    """Up to which amount which approvals are needed."""

    model_config = ConfigDict(from_attributes=True)

    upto_fen: Fen | None = None
    levels: Annotated[list[Annotated[int, Field(ge=2, le=12)]], Field(min_length=1, max_length=5)]


def _unbounded_at_last(tiers: list[TierBody]) -> list[TierBody]:
    bounds = [tier.upto_fen for tier in tiers]
    if (
        bounds[-1] is not None
        or None in bounds[:-1]
        or bounds[:-1] != sorted({b for b in bounds[:-1] if b is not None})
    ):
        raise ValueError("upto_fen 须递增，且仅最后一级为空 / upto_fen rises, and the last tier alone has none")
    return tiers


class FundOpening(BaseModel):
    """A fund that is to be opened."""

    community_code: CommunityCode
    fen_per_point: Annotated[int, Field(gt=0, le=10_000, description="每积分向商户结算的分值 / fen per point")]
    approval_tiers: Annotated[
        list[TierBody], Field(min_length=1, max_length=10), AfterValidator(_unbounded_at_last)
    ] = [TierBody.model_validate(tier) for tier in TIERS_USUAL]


class PotBody(BaseModel):
    """A pot that is to be set up."""

    code: PotCode
    name: Text
    purposes: Annotated[list[Purpose], Field(max_length=20, description="空为不限用途 / any if empty")] = []


class Receipt(BaseModel):
    """Money that came in."""

    pot: PotCode
    amount_fen: Fen
    reference: Annotated[Reference, Field(description="银行凭证号 / the bank's reference")]
    source: Annotated[Text, Field(description="来源单位，不填个人姓名 / the organisation; no person's name")]


class AccountView(BaseModel):
    """An account and its balance."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    kind: str
    name: str
    purposes: list[str]
    balance_fen: int


class FundView(BaseModel):
    """A fund, all its accounts, and their sum, which is 0."""

    community_code: str
    fen_per_point: int
    approval_tiers: list[TierBody]
    accounts: list[AccountView]
    sum_fen: int


class TransferView(BaseModel):
    """Money that moved."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    from_account: str
    to_account: str
    amount_fen: int
    reference: str
    memo: str
    moved_at: Moment


@router.post(
    "",
    status_code=201,
    summary="设立社区基金 / Open a fund",
    responses=problems.responses(CommunityNotRegistered, FundExists, OutOfScope),
)
async def open_community_fund(body: FundOpening, session: Transaction, who: Caller) -> FundView:
    """Open a community's fund; takes an official of the area."""
    who.require(body.community_code, "official")
    tiers = [Tier(tier.upto_fen, tier.levels) for tier in body.approval_tiers]
    opening = Opening(body.community_code, body.fen_per_point, tiers, by=who.subject, now=datetime.now(UTC))
    await open_fund(session, opening)
    return await _fund(session, body.community_code)


@router.get("/{code}", summary="社区基金公示 / A fund, for all to see", responses=problems.responses(FundUnseen))
async def get_fund(
    code: CommunityCode,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - the fund is the residents' to see, and nothing in it is secret
) -> FundView:
    """See what is in a fund and what it owes."""
    return await _fund(session, code)


@router.get(
    "/{code}/transfers",
    summary="社区基金流水 / What moved in a fund",
    responses=problems.responses(FundUnseen, BadCursor),
)
async def list_transfers(
    code: CommunityCode,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - the same
    page_size: PageSize = 50,
    cursor: Cursor = None,
) -> Page[TransferView]:
    """List what moved, the latest first."""
    await queries.fund(session, code)
    found = await queries.transfers(session, code, decode_id(cursor) if cursor else None, page_size + 1)
    page = [TransferView.model_validate(one) for one in found[:page_size]]
    return Page(items=page, next_cursor=encode_cursor(str(page[-1].id)) if len(found) > page_size else None)


@router.post(
    "/{code}/pots",
    status_code=201,
    summary="设立专款 / Set up a pot",
    responses=problems.responses(FundUnseen, PotExists, OutOfScope),
)
async def set_up_pot(code: CommunityCode, body: PotBody, session: Transaction, who: Caller) -> FundView:
    """Set up a pot for certain purposes; takes an official of the area."""
    who.require(code, "official")
    await earmark(session, Earmark(code, body.code, body.name, body.purposes))
    return await _fund(session, code)


@router.post(
    "/{code}/receipts",
    status_code=201,
    summary="入账 / Book money that came in",
    responses=problems.responses(FundUnseen, PotUnseen, ReferenceUsed, OutOfScope),
)
async def book_receipt(code: CommunityCode, body: Receipt, session: Transaction, who: Caller) -> FundView:
    """Book a grant, a donation or a rent into a pot; takes an operator or official of the area."""
    who.require(code, "operator", "official")
    came_in = Movement(
        community_code=code,
        from_account=OUTSIDE,
        to_account=body.pot,
        amount_fen=body.amount_fen,
        reference=f"bank:{body.reference}",
        memo=body.source,
        moved_at=datetime.now(UTC),
        moved_by=who.subject,
    )
    await receive(session, came_in)
    return await _fund(session, code)


async def _fund(session: Transaction, code: str) -> FundView:
    fund = await queries.fund(session, code)
    accounts = [AccountView.model_validate(one) for one in await queries.accounts(session, code)]
    return FundView(
        community_code=code,
        fen_per_point=fund.fen_per_point,
        approval_tiers=[TierBody.model_validate(tier) for tier in fund.approval_tiers],
        accounts=accounts,
        sum_fen=sum(one.balance_fen for one in accounts),
    )
