"""A resident's own statement."""

import uuid
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from services.points.accounts.rules import resident_of
from services.points.ledger.rules import AssetClass, BookAccount, resident
from services.points.statements.queries import balance_at, entries_of
from services.points.statements.rules import AFTER_ALL
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.identity import Caller, Identity
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_cursor, encode_cursor
from shared.problems import responses

router = APIRouter(prefix="/accounts/me", tags=["积分账户 accounts"])

Community = Annotated[CommunityCode | None, Query(description="账本所属社区，默认本人社区 / whose book")]


class StatementEntryView(BaseModel):
    """What was put in or taken out of one lot, when, why, and what was in the account after."""

    model_config = ConfigDict(from_attributes=True)

    transfer_id: uuid.UUID
    kind: str
    reference: str
    posted_at: Moment
    occurred_at: Moment | None
    activity: str | None
    expires_on: date | None
    amount: int
    balance_after: int | None


class BalanceView(BaseModel):
    """What was in an account after all that was posted up to a moment."""

    community_code: str
    asset_class: AssetClass
    at: Moment
    balance: int


def _own(who: Identity, community_code: str | None, asset_class: AssetClass) -> BookAccount:
    caller = resident_of(who)
    return community_code or caller.home_community, asset_class, resident(caller.resident_id)


@router.get("/entries", summary="我的积分明细 / My statement", responses=responses(OutOfScope, BadCursor))
async def list_own_entries(
    session: Transaction,
    who: Caller,
    community_code: Community = None,
    asset_class: AssetClass = AssetClass.SERVICE,
    *,
    order: Annotated[Literal["newest", "oldest"], Query(description="最新或最早在前 / which come first")] = "newest",
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Page[StatementEntryView]:
    """List what happened in the resident's account, the newest or the oldest first, each with the balance after it."""
    beyond = None
    if cursor:
        transfer_id, leg = decode_cursor(cursor, str, int)
        try:
            beyond = uuid.UUID(str(transfer_id)), int(leg)
        except ValueError as error:
            raise BadCursor from error
        if not 0 <= beyond[1] <= AFTER_ALL[1]:
            raise BadCursor
    account = _own(who, community_code, asset_class)
    found = await entries_of(session, account, beyond=beyond, newest_first=order == "newest", most=page_size + 1)
    shown = found[:page_size]
    more = encode_cursor(str(shown[-1].transfer_id), shown[-1].leg) if len(found) > page_size else None
    return Page(items=[StatementEntryView.model_validate(each) for each in shown], next_cursor=more)


@router.get("/balance", summary="任意时点余额 / My balance at any time", responses=responses(OutOfScope))
async def read_own_balance(
    at: Annotated[Moment, Query()],
    session: Transaction,
    who: Caller,
    community_code: Community = None,
    asset_class: AssetClass = AssetClass.SERVICE,
) -> BalanceView:
    """Tell what was in the resident's account after all that was posted up to a moment."""
    account = _own(who, community_code, asset_class)
    balance = await balance_at(session, account, at)
    return BalanceView(community_code=account[0], asset_class=asset_class, at=at, balance=balance)
