"""What residents, and the staff who serve them, see of their points."""

import uuid
from datetime import UTC, date, datetime

from fastapi import APIRouter
from pydantic import BaseModel

from services.points.accounts.queries import Held, held_by, spendable
from services.points.accounts.rules import resident_of
from services.points.ledger.rules import AssetClass
from shared.clock import local_day
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import ResidentId
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(tags=["积分账户 accounts"])


class LotView(BaseModel):
    """Points that were earned by one activity and expire together; of what remains, `held` waits for a purchase."""

    activity: str
    remaining: int
    held: int
    expires_on: date


class HeldView(BaseModel):
    """What a resident holds in one community's book of one class."""

    community_code: str
    asset_class: AssetClass
    balance: int
    spendable: int
    lots: list[LotView]


class AccountView(BaseModel):
    """What a resident holds in all communities."""

    resident_id: ResidentId
    held: list[HeldView]


def _view(resident_id: uuid.UUID, held: list[Held], now: datetime) -> AccountView:
    today = local_day(now)
    return AccountView(
        resident_id=resident_id,
        held=[
            HeldView(
                community_code=each.community_code,
                asset_class=AssetClass(each.asset_class),
                balance=each.balance,
                spendable=spendable(each, today),
                lots=[
                    LotView(
                        activity=lot.activity,
                        remaining=lot.remaining,
                        held=each.pinned.get(lot.lot_id, 0),
                        expires_on=lot.expires_on,
                    )
                    for lot in each.lots
                ],
            )
            for each in held
        ],
    )


@router.get("/accounts/me", summary="我的积分 / My points", responses=responses(OutOfScope))
async def read_own_account(session: Transaction, who: Caller) -> AccountView:
    """Show the resident its points, by community, class and lot."""
    resident_id, now = resident_of(who).resident_id, datetime.now(UTC)
    return _view(resident_id, list(await held_by(session, resident_id, now)), now)


@router.get("/residents/{resident_id}/account", summary="居民积分（工作人员） / A resident's points")
async def read_account(resident_id: uuid.UUID, session: Transaction, who: Caller) -> AccountView:
    """Show staff what a resident holds in the communities that they serve, and nothing of others."""
    now = datetime.now(UTC)
    held = await held_by(session, resident_id, now)
    seen = [each for each in held if who.holds(each.community_code, "desk", "operator", "official")]
    return _view(resident_id, seen, now)
