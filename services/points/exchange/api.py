"""Corridors and quotes."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from services.points.accounts.rules import resident_of
from services.points.communities.rules import CommunityUnknown
from services.points.exchange.agree_corridor import AgreeCorridor, ProposeCorridor, agree_corridor, propose_corridor
from services.points.exchange.make_quote import REFUSALS as MAKE_QUOTE
from services.points.exchange.make_quote import AskQuote, make_quote
from services.points.exchange.release_quote import release_quote
from services.points.exchange.rules import (
    BASIS,
    CorridorAgreed,
    CorridorUnknown,
    NoticeTooShort,
    OwnProposal,
    ProposalReplaced,
    QuoteSpent,
    QuoteUnknown,
    SameCommunity,
    TermsOutOfOrder,
    terms_of,
)
from services.points.exchange.tables import Corridor
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(tags=["积分互通 exchange"], route_class=IdempotentRoute)

Points = Annotated[int, Field(ge=1, le=1_000_000, description="积分（整数）/ points, an integer")]


BasisPoints = Annotated[int, Field(ge=0, lt=BASIS)]


class CorridorRequest(BaseModel):
    """A corridor to propose.

    With floor, ceiling and `full_at` the discount moves with what `from_community` owes the other: in a straight line
    from `discount_bp` up to the ceiling at `full_at` points owed, and down to the floor when the other owes as much.
    """

    model_config = ConfigDict(extra="forbid")

    from_community: CommunityCode
    to_community: CommunityCode
    rate_bp: Annotated[
        int, Field(ge=1, le=BASIS, description="基准比价：每万分所值 / worth of 10,000 points before the discount")
    ] = BASIS
    discount_bp: Annotated[BasisPoints, Field(description="基准折扣，万分之一 / base discount in basis points")]
    floor_bp: Annotated[BasisPoints | None, Field(description="折扣下限 / floor of the discount")] = None
    ceiling_bp: Annotated[BasisPoints | None, Field(description="折扣上限 / ceiling of the discount")] = None
    full_at: Annotated[
        int | None, Field(ge=1, le=10**12, description="净欠多少积分时到达上限或下限 / points owed at either end")
    ] = None
    effective_from: Annotated[
        Moment | None, Field(description="生效时间，默认公示期满即生效 / default: as soon as its notice is over")
    ] = None


class AgreementRequest(BaseModel):
    """Which proposal to agree to."""

    model_config = ConfigDict(extra="forbid")

    from_community: CommunityCode
    to_community: CommunityCode
    version: Annotated[int, Field(ge=1, le=10**9)]


class CorridorView(BaseModel):
    """A version of a corridor; agreed, it is published, and from `effective_from` on in force."""

    model_config = ConfigDict(from_attributes=True)

    from_community: Annotated[str, Field(validation_alias="community_code")]
    to_community: str
    version: int
    rate_bp: int
    discount_bp: int
    floor_bp: int | None
    ceiling_bp: int | None
    full_at: int | None
    agreed_at: Moment | None
    effective_from: Moment | None


class QuoteRequest(BaseModel):
    """What a resident wants to buy: `price` in points of the merchant's community."""

    model_config = ConfigDict(extra="forbid")

    merchant_id: uuid.UUID
    price: Points
    from_community: Annotated[CommunityCode | None, Field(description="用哪个社区的积分，默认本人社区")] = None


class QuoteView(BaseModel):
    """What it costs: `paid` points of `from_community` for `price` points at the merchant."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[uuid.UUID, Field(validation_alias="quote_id")]
    from_community: Annotated[str, Field(validation_alias="community_code")]
    merchant_id: uuid.UUID
    merchant_community: str
    price: int
    paid: int
    rate_bp: int
    discount_bp: int
    corridor_version: int | None
    expires_at: Moment


@router.post(
    "/corridors",
    status_code=201,
    summary="提议积分互通 / Propose a corridor",
    responses=responses(OutOfScope, SameCommunity, TermsOutOfOrder, CommunityUnknown),
)
async def post_corridor(body: CorridorRequest, session: Transaction, who: Caller) -> CorridorView:
    """Propose the terms on which points of one community are spent in another."""
    who.require(body.from_community, "official", "operator")
    terms = terms_of(body.rate_bp, body.discount_bp, body.floor_bp, body.ceiling_bp, body.full_at)
    command = ProposeCorridor(body.from_community, body.to_community, terms, who.subject, body.effective_from)
    return CorridorView.model_validate(await propose_corridor(session, command))


@router.post(
    "/corridors/agreements",
    summary="同意积分互通 / Agree to a corridor",
    responses=responses(OutOfScope, CorridorUnknown, CorridorAgreed, ProposalReplaced, OwnProposal, NoticeTooShort),
)
async def post_agreement(body: AgreementRequest, session: Transaction, who: Caller) -> CorridorView:
    """Agree, for the community where the points will be spent; what changes terms takes effect a day later."""
    who.require(body.to_community, "official", "operator")
    command = AgreeCorridor(**body.model_dump(), agreed_by=who.subject)
    return CorridorView.model_validate(await agree_corridor(session, command, now=datetime.now(UTC)))


@router.get("/corridors", summary="查询积分互通 / Corridors of a community")
async def list_corridors(
    from_community: Annotated[CommunityCode, Query()], session: Transaction, _: Caller
) -> list[CorridorView]:
    """List a community's corridors, the newest version of each first."""
    corridors = await session.scalars(
        select(Corridor)
        .where(Corridor.community_code == from_community)
        .order_by(Corridor.to_community, Corridor.version.desc())
    )
    return [CorridorView.model_validate(corridor) for corridor in corridors]


@router.post(
    "/quotes",
    status_code=201,
    summary="获取报价 / Ask for a quote",
    responses=responses(OutOfScope, *MAKE_QUOTE),
)
async def post_quote(body: QuoteRequest, session: Transaction, who: Caller) -> QuoteView:
    """Quote what a purchase costs; rate and points are held for five minutes."""
    payer = resident_of(who)
    command = AskQuote(
        resident_id=payer.resident_id,
        community_code=body.from_community or payer.home_community,
        merchant_id=body.merchant_id,
        price=body.price,
    )
    return QuoteView.model_validate(await make_quote(session, command, now=datetime.now(UTC)))


@router.post(
    "/quotes/{quote_id}/release",
    summary="放弃报价 / Release a quote",
    responses=responses(OutOfScope, QuoteUnknown, QuoteSpent),
)
async def post_release(quote_id: uuid.UUID, session: Transaction, who: Caller) -> QuoteView:
    """Give a quote up: the points that it holds are free again at once."""
    payer = resident_of(who)
    return QuoteView.model_validate(await release_quote(session, payer.resident_id, quote_id, now=datetime.now(UTC)))
