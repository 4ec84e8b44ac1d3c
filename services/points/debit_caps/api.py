"""Net debit caps, and what they leave: what residents may still spend in another community, and why."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.points.communities.queries import require_communities
from services.points.communities.rules import CommunityUnknown
from services.points.debit_caps.queries import caps_of, exposures_of
from services.points.debit_caps.rules import ALL, CapOutOfOrder, Headroom, headrooms, tightest, why
from services.points.debit_caps.set_cap import SetCap, set_cap
from services.points.exchange.queries import rate_now
from services.points.exchange.rules import NoCorridor, SameCommunity, price_before_discount
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/debit-caps", tags=["净借记上限 debit caps"], route_class=IdempotentRoute)

Limit = Annotated[int, Field(ge=0, le=10**12)]


class CapRequest(BaseModel):
    """A cap to set; `counterparty` is a community, or `all` for all others together."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    counterparty: CommunityCode | Literal["all"]
    soft: Annotated[Limit, Field(description="预警线，积分 / soft limit in points: beyond it an event is told")]
    hard: Annotated[Limit, Field(description="上限，积分 / hard limit in points: beyond it quotes are refused")]


class CapView(BaseModel):
    """A cap that holds."""

    model_config = ConfigDict(from_attributes=True)

    counterparty: str
    soft: int
    hard: int


class LimitView(BaseModel):
    """What one cap leaves, and what counts against it."""

    counterparty: str
    soft: int
    hard: int
    owed: Annotated[int, Field(description="未结算的净欠额 / owed over all windows that are not settled")]
    quoted: Annotated[int, Field(description="有效报价将增加的欠额 / what open quotes would add")]
    left: int
    binding: Annotated[bool, Field(description="是否为决定额度的一项 / whether this one decides")]


class RateView(BaseModel):
    """The rate of now."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    rate_bp: int
    discount_bp: int
    owed: int


class HeadroomView(BaseModel):
    """What residents of one community may still spend in another, and why."""

    from_community: str
    to_community: str
    as_of: Moment
    may_spend: Annotated[int | None, Field(description="对方社区积分；空为无上限 / points of the other; null: no cap")]
    costs: Annotated[int | None, Field(description="为此支付的本社区积分 / what that costs in points of one's own")]
    rate: RateView | None
    limits: list[LimitView]
    why: str
    why_en: str


@router.post(
    "",
    status_code=201,
    summary="设置净借记上限 / Set a net debit cap",
    responses=responses(OutOfScope, CapOutOfOrder, CommunityUnknown),
)
async def post_cap(body: CapRequest, session: Transaction, who: Caller) -> CapView:
    """Set a cap: against one counterparty, by who is owed; against all together, by an official of the area."""
    if body.counterparty == ALL:
        who.require(body.community_code, "official")
    else:
        who.require(body.counterparty, "official", "operator")
    command = SetCap(**body.model_dump(), set_by=who.subject)
    return CapView.model_validate(await set_cap(session, command, now=datetime.now(UTC)))


@router.get("", summary="查询净借记上限 / Net debit caps of a community", responses=responses(OutOfScope))
async def list_caps(
    community_code: Annotated[CommunityCode, Query()], session: Transaction, who: Caller
) -> list[CapView]:
    """List the caps of a community that hold."""
    who.require(community_code, "official", "operator", "auditor")
    return [CapView.model_validate(cap) for cap in await caps_of(session, community_code)]


@router.get(
    "/headroom",
    summary="还能在对方社区使用多少积分 / What may still be spent in another community, and why",
    responses=responses(SameCommunity, CommunityUnknown),
)
async def read_headroom(
    from_community: Annotated[CommunityCode, Query()],
    to_community: Annotated[CommunityCode, Query()],
    session: Transaction,
    _: Caller,
) -> HeadroomView:
    """Tell what residents of a community may still spend in another now: the corridor, each cap and what counts."""
    if from_community == to_community:
        raise SameCommunity
    now = datetime.now(UTC)
    await require_communities(session, from_community, to_community)
    rooms = headrooms(
        await caps_of(session, from_community), await exposures_of(session, from_community, now=now), to_community
    )
    decides = tightest(rooms)
    head = {"from_community": from_community, "to_community": to_community, "as_of": now}
    limits = [_limit(room, binding=room is decides) for room in rooms]
    reasons = why(decides)
    try:
        rate = await rate_now(session, from_community, to_community, now=now)
    except NoCorridor as closed:
        none = (closed.detail.format(**closed.facts()), closed.detail_en.format(**closed.facts()))
        return HeadroomView(**head, may_spend=0, costs=0, rate=None, limits=limits, why=none[0], why_en=none[1])
    left = decides.left if decides else None
    return HeadroomView(
        **head,
        may_spend=left,
        costs=left and price_before_discount(left, rate.rate_bp, rate.discount_bp),
        rate=RateView.model_validate(rate),
        limits=limits,
        why=reasons[0],
        why_en=reasons[1],
    )


def _limit(room: Headroom, *, binding: bool) -> LimitView:
    return LimitView(
        counterparty=room.cap.counterparty,
        soft=room.cap.soft,
        hard=room.cap.hard,
        owed=room.exposure.owed,
        quoted=room.exposure.quoted,
        left=room.left,
        binding=binding,
    )
