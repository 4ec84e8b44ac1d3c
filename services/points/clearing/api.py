"""What communities owe each other, and the windows in which it is settled."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from services.points.clearing.compute_window import compute_window
from services.points.clearing.confirm_window import abort_window, confirm_window
from services.points.clearing.open_window import close_window, open_window
from services.points.clearing.queries import (
    debts_of,
    get_window,
    payments_in,
    positions_of,
    settlement_file,
)
from services.points.clearing.rules import (
    EarlierWindowPending,
    Method,
    NoPartInWindow,
    SamePersonSettles,
    WindowNotReady,
    WindowOpenAlready,
    WindowState,
    WindowUnknown,
)
from services.points.clearing.settle_window import settle_window
from services.points.clearing.tables import NettingWindow
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller, Identity
from shared.problems import responses

router = APIRouter(prefix="/clearing", tags=["社区清算 clearing"], route_class=IdempotentRoute)

Number = Annotated[int, Path(ge=1, le=10**9, description="清算窗口号 / the window's number")]


class PositionView(BaseModel):
    """What the community owes another: positive is owed, negative is due to it."""

    counterparty: str
    owed: int
    mirrored: int
    agrees: bool


class WindowRequest(BaseModel):
    """A netting window to open."""

    model_config = ConfigDict(extra="forbid")

    area: AreaPrefix
    method: Method


class ConfirmationRequest(BaseModel):
    """For which community a window is confirmed."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode


class AbortRequest(BaseModel):
    """Why a window is given up."""

    model_config = ConfigDict(extra="forbid")

    because: Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]


class WindowView(BaseModel):
    """A netting window."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    area: str
    method: Method
    state: WindowState
    opened_at: Moment
    closed_at: Moment | None
    settled_at: Moment | None
    aborted_because: str | None


class PaymentView(BaseModel):
    """Points that one community owes another, or pays; the clearing house is a creditor or debtor by its name."""

    model_config = ConfigDict(from_attributes=True)

    debtor: str
    creditor: str
    points: int


class ComputedView(WindowView):
    """A netting window with the difference of each pair, and who pays whom."""

    debts: list[PaymentView]
    payments: list[PaymentView]


@router.get("/positions/{community_code}", summary="清算头寸 / Clearing positions", responses=responses(OutOfScope))
async def read_positions(
    community_code: Annotated[CommunityCode, Path()], session: Transaction, who: Caller
) -> list[PositionView]:
    """Show what a community owes, next to what the other book says."""
    who.require(community_code, "official", "operator", "auditor")
    return [
        PositionView(
            counterparty=each.counterparty,
            owed=each.owed,
            mirrored=each.mirrored,
            agrees=each.owed + each.mirrored == 0,
        )
        for each in await positions_of(session, community_code)
    ]


@router.post(
    "/windows",
    status_code=201,
    summary="开启清算窗口 / Open a netting window",
    responses=responses(OutOfScope, WindowOpenAlready),
)
async def post_window(body: WindowRequest, session: Transaction, who: Caller) -> WindowView:
    """Open a window for the communities of an area."""
    who.require(body.area, "official")
    window = await open_window(session, body.area, body.method, by=who.subject, now=datetime.now(UTC))
    return WindowView.model_validate(window)


@router.get("/windows", summary="清算窗口列表 / Netting windows", responses=responses(OutOfScope))
async def list_windows(area: Annotated[AreaPrefix, Query()], session: Transaction, who: Caller) -> list[WindowView]:
    """List the latest hundred windows of an area, the newest first."""
    who.require(area, "official", "operator", "auditor")
    windows = await session.scalars(
        select(NettingWindow).where(NettingWindow.area == area).order_by(NettingWindow.number.desc()).limit(100)
    )
    return [WindowView.model_validate(window) for window in windows]


@router.get(
    "/windows/{number}", summary="查询清算窗口 / A netting window", responses=responses(OutOfScope, WindowUnknown)
)
async def read_window(number: Number, session: Transaction, who: Caller) -> ComputedView:
    """Show a window, what it found and who pays whom."""
    window = await get_window(session, number)
    who.require(window.area, "official", "auditor")
    return ComputedView(
        **WindowView.model_validate(window).model_dump(),
        debts=[PaymentView.model_validate(each) for each in await debts_of(session, number)],
        payments=[PaymentView.model_validate(each) for each in await payments_in(session, number)],
    )


@router.post(
    "/windows/{number}/close",
    summary="关闭清算窗口 / Close a netting window",
    responses=responses(OutOfScope, WindowUnknown, WindowNotReady),
)
async def post_close(number: Number, session: Transaction, who: Caller) -> WindowView:
    """Close a window at the present place in the order of commits."""
    await _require_official(session, number, who)
    return WindowView.model_validate(await close_window(session, number, now=datetime.now(UTC)))


@router.post(
    "/windows/{number}/compute",
    summary="计算清算窗口 / Compute a netting window",
    responses=responses(OutOfScope, WindowUnknown, WindowNotReady, EarlierWindowPending),
)
async def post_compute(number: Number, session: Transaction, who: Caller) -> WindowView:
    """Compute what each owes and who pays whom."""
    await _require_official(session, number, who)
    return WindowView.model_validate(await compute_window(session, number, by=who.subject))


@router.post(
    "/windows/{number}/confirmations",
    summary="确认清算结果 / Confirm for a community",
    responses=responses(OutOfScope, WindowUnknown, WindowNotReady, NoPartInWindow),
)
async def post_confirmation(number: Number, body: ConfirmationRequest, session: Transaction, who: Caller) -> WindowView:
    """Agree, for a community, with what the window found for it."""
    who.require(body.community_code, "official", "operator")
    window = await confirm_window(session, number, body.community_code, by=who.subject, now=datetime.now(UTC))
    return WindowView.model_validate(window)


@router.post(
    "/windows/{number}/settle",
    summary="结算清算窗口 / Settle a netting window",
    responses=responses(OutOfScope, WindowUnknown, WindowNotReady, SamePersonSettles),
)
async def post_settle(number: Number, session: Transaction, who: Caller) -> WindowView:
    """Settle a window that all who take part have confirmed."""
    await _require_official(session, number, who)
    return WindowView.model_validate(await settle_window(session, number, by=who.subject, now=datetime.now(UTC)))


@router.post(
    "/windows/{number}/abort",
    summary="中止清算窗口 / Abort a netting window",
    responses=responses(OutOfScope, WindowUnknown, WindowNotReady),
)
async def post_abort(number: Number, body: AbortRequest, session: Transaction, who: Caller) -> WindowView:
    """Give a window up; what it held goes into the next."""
    await _require_official(session, number, who)
    return WindowView.model_validate(await abort_window(session, number, by=who.subject, because=body.because))


@router.get(
    "/windows/{number}/files/{community_code}",
    summary="社区结算文件 / A community's settlement file",
    responses={200: {"content": {"text/csv": {}}}, **responses(OutOfScope, WindowUnknown)},
    response_class=Response,
)
async def read_settlement_file(
    number: Number, community_code: Annotated[CommunityCode, Path()], session: Transaction, who: Caller
) -> Response:
    """Give a community's debts, payments and net in a window as CSV."""
    who.require(community_code, "official", "operator", "auditor")
    return Response(await settlement_file(session, number, community_code), media_type="text/csv; charset=utf-8")


async def _require_official(session: Transaction, number: int, who: Identity) -> None:
    who.require((await get_window(session, number)).area, "official")
