"""HTTP of tenders."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.listings.rules import Scene
from services.operations.providers.rules import (
    LicenceExpired,
    LicenceKind,
    LicenceMissing,
    ProviderIsDebarred,
    ProviderNotListed,
    ProviderUnseen,
)
from services.operations.tenders import queries
from services.operations.tenders.award import award
from services.operations.tenders.bid import Bid, bid
from services.operations.tenders.open_tender import Opening, open_tender
from services.operations.tenders.rules import (
    AlreadyDone,
    BallotInvalid,
    ConflictOfInterest,
    CriteriaInvalid,
    TenderUnseen,
    WrongPhase,
)
from services.operations.tenders.seal_ballot import declare_ballot, open_ballot, seal_ballot
from services.operations.tenders.tables import Tender
from services.operations.terms.rules import Fen, Text
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/tenders", tags=["招标遴选 tenders"], route_class=IdempotentRoute)

AWARD = (ProviderUnseen, ProviderNotListed, ProviderIsDebarred, LicenceMissing, LicenceExpired)
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class TenderBody(BaseModel):
    """What is asked for, and by which weights bids are compared."""

    community_code: CommunityCode
    title: Text
    scene: Scene
    licences: list[LicenceKind] = []
    budget_fen: Annotated[Fen, Field(ge=1)]
    criteria: dict[Text, Annotated[int, Field(ge=1, le=10_000)]] = Field(description="评分项 → 权重（万分比）")
    bids_until: Moment


class BidBody(BaseModel):
    """A provider's bid."""

    provider_id: uuid.UUID
    price_fen: Annotated[Fen, Field(ge=1)]
    proposal: Text


class InterestBody(BaseModel):
    """The providers that an evaluator has an interest in; none, if none."""

    interests: list[uuid.UUID] = Field(max_length=100)


class SealBody(BaseModel):
    """Sealed scores."""

    commitment: Digest = Field(description="SM3([招标, 评委, 评分, 随机数] 的规范 JSON)")


class OpenBody(BaseModel):
    """Scores, by provider and criterion, and the nonce that they were sealed with."""

    scores: dict[str, dict[str, int]]
    nonce: Text


class TenderView(BaseModel):
    """A tender and how far it is; bids and scores show when nobody can use them any more."""

    id: uuid.UUID
    community_code: str
    title: str
    bids_until: Moment
    criteria: dict[str, int]
    bids: int
    sealed: int
    opened: int
    awarded_to: uuid.UUID | None
    points: int | None


@router.post(
    "",
    status_code=201,
    summary="发布招标 / Open a tender",
    responses=problems.responses(CriteriaInvalid, WrongPhase, CommunityNotRegistered, OutOfScope),
)
async def open_new_tender(body: TenderBody, session: Transaction, who: Caller) -> TenderView:
    """Open a tender; takes an official whose area covers the community."""
    who.require(body.community_code, "official")
    tender = await open_tender(session, Opening(**body.model_dump(), by=who.subject, now=datetime.now(UTC)))
    return await _view(session, tender)


@router.get("/{tender_id}", summary="查看招标 / A tender", responses=problems.responses(TenderUnseen))
async def get_tender(
    tender_id: uuid.UUID,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - a tender is public to any known caller
) -> TenderView:
    """See a tender and how far it is."""
    return await _view(session, await queries.get(session, tender_id))


@router.post(
    "/{tender_id}/bids",
    status_code=201,
    summary="投标 / Bid",
    responses=problems.responses(TenderUnseen, WrongPhase, AlreadyDone, *AWARD, OutOfScope),
)
async def bid_for_tender(tender_id: uuid.UUID, body: BidBody, session: Transaction, who: Caller) -> TenderView:
    """Bid: the provider itself, or an official who takes its paper in."""
    tender = await queries.get(session, tender_id)
    if who.subject != f"merchant:{body.provider_id}":
        who.require(tender.community_code, "official")
    await bid(session, tender, Bid(**body.model_dump(), by=who.subject, now=datetime.now(UTC)))
    return await _view(session, tender)


@router.post(
    "/{tender_id}/declarations",
    status_code=201,
    summary="利益申报 / Declare interests",
    responses=problems.responses(TenderUnseen, AlreadyDone, ConflictOfInterest, OutOfScope),
)
async def declare_interests(tender_id: uuid.UUID, body: InterestBody, session: Transaction, who: Caller) -> TenderView:
    """Become an evaluator by declaring interests; takes an official who did not open the tender."""
    tender = await _for_official(session, tender_id, who)
    interests = [str(provider_id) for provider_id in body.interests]
    await declare_ballot(session, tender, who.subject, interests, datetime.now(UTC))
    return await _view(session, tender)


@router.post(
    "/{tender_id}/ballots",
    status_code=201,
    summary="密封评分 / Seal scores",
    responses=problems.responses(TenderUnseen, WrongPhase, ConflictOfInterest, AlreadyDone, OutOfScope),
)
async def seal_scores(tender_id: uuid.UUID, body: SealBody, session: Transaction, who: Caller) -> TenderView:
    """Hand in sealed scores, after the deadline; takes an evaluator without an interest in a bidder."""
    tender = await _for_official(session, tender_id, who)
    await seal_ballot(session, tender, who.subject, body.commitment, datetime.now(UTC))
    return await _view(session, tender)


@router.post(
    "/{tender_id}/ballots/opening",
    status_code=201,
    summary="开封评分 / Open scores",
    responses=problems.responses(TenderUnseen, WrongPhase, BallotInvalid, AlreadyDone, OutOfScope),
)
async def open_scores(tender_id: uuid.UUID, body: OpenBody, session: Transaction, who: Caller) -> TenderView:
    """Open one's sealed scores when all are in."""
    tender = await _for_official(session, tender_id, who)
    await open_ballot(session, tender, who.subject, (body.scores, body.nonce), datetime.now(UTC))
    return await _view(session, tender)


@router.post(
    "/{tender_id}/award",
    status_code=201,
    summary="定标 / Award",
    responses=problems.responses(TenderUnseen, WrongPhase, AlreadyDone, *AWARD, OutOfScope),
)
async def award_tender(tender_id: uuid.UUID, session: Transaction, who: Caller) -> TenderView:
    """Award to the bid with the most points; takes an official of the area."""
    tender = await _for_official(session, tender_id, who)
    await award(session, tender, who.subject, datetime.now(UTC))
    return await _view(session, tender)


async def _for_official(session: Transaction, tender_id: uuid.UUID, who: Caller) -> Tender:
    tender = await queries.get(session, tender_id)
    who.require(tender.community_code, "official")
    return tender


async def _view(session: Transaction, tender: Tender) -> TenderView:
    handed_in = await queries.ballots(session, tender)
    won = await queries.award_of(session, tender)
    return TenderView(
        id=tender.id,
        community_code=tender.community_code,
        title=tender.title,
        bids_until=tender.bids_until,
        criteria=tender.criteria,
        bids=len(await queries.bids(session, tender)),
        sealed=sum(ballot.commitment is not None for ballot in handed_in),
        opened=sum(ballot.scores is not None for ballot in handed_in),
        awarded_to=won.provider_id if won else None,
        points=won.points if won else None,
    )
