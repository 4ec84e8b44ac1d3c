"""Paying in points."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from services.points.accounts.rules import resident_of
from services.points.ledger.rules import AssetClass, Posted
from services.points.redemptions.queries import get_redemption
from services.points.redemptions.redeem import REFUSALS, Captured, Redeem, redeem
from services.points.redemptions.rules import RedemptionUnknown
from shared.database import Transaction
from shared.errors import OutOfScope, Refusal, unless_refused
from shared.grouped_route import GroupedRoute, Work
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/redemptions", tags=["积分兑换 redemptions"], route_class=IdempotentRoute)
grouped = APIRouter(prefix="/redemptions", tags=["积分兑换 redemptions"], route_class=GroupedRoute)


class RedemptionRequest(BaseModel):
    """A quote to execute."""

    model_config = ConfigDict(extra="forbid")

    quote_id: uuid.UUID
    asset_class: AssetClass = AssetClass.SERVICE


class RedemptionView(BaseModel):
    """A purchase paid in points."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[uuid.UUID, Field(validation_alias=AliasChoices("id", "redemption_id"))]
    community_code: str
    merchant_id: uuid.UUID
    payer_community: str
    price: int
    paid: int
    discount_bp: int
    quote_id: uuid.UUID
    captured_at: datetime


class EntryView(BaseModel):
    """What a transfer did to one account."""

    account: str
    amount: int


class LegView(BaseModel):
    """A transfer in one community's book."""

    transfer_id: uuid.UUID
    community_code: str
    entries: list[EntryView]


class CapturedView(RedemptionView):
    """A purchase just paid, with the transfers that were posted."""

    legs: list[LegView]


def _leg(posted: Posted) -> LegView:
    entries = [EntryView(account=name.kind, amount=amount) for name, amount in posted.command.amounts]
    return LegView(transfer_id=posted.transfer_id, community_code=posted.command.community_code, entries=entries)


def _captured(outcomes: Sequence[Captured | Refusal]) -> CapturedView:
    captured = unless_refused(outcomes[0])
    return CapturedView(
        id=captured.redemption_id,
        community_code=captured.quote.merchant_community,
        merchant_id=captured.quote.merchant_id,
        payer_community=captured.quote.community_code,
        price=captured.quote.price,
        paid=captured.quote.paid,
        discount_bp=captured.quote.discount_bp,
        quote_id=captured.quote.quote_id,
        captured_at=captured.captured_at,
        legs=[_leg(one) for one in captured.posted],
    )


@grouped.post(
    "",
    status_code=201,
    response_model=CapturedView,
    summary="积分兑换 / Redeem points",
    responses=responses(OutOfScope, *REFUSALS),
)
def post_redemption(body: RedemptionRequest, who: Caller) -> Work[Redeem, Captured]:
    """Pay a merchant by executing a quote; the exchange between communities happens inside."""
    return Work(redeem, [Redeem(resident_of(who).resident_id, body.quote_id, body.asset_class)], _captured)


@router.get("/{redemption_id}", summary="查询兑换 / A redemption", responses=responses(RedemptionUnknown))
async def read_redemption(redemption_id: uuid.UUID, session: Transaction, who: Caller) -> RedemptionView:
    """Show a redemption to its resident, its merchant or the staff of either community."""
    return RedemptionView.model_validate(await get_redemption(session, redemption_id, who))
