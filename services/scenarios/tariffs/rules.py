"""What a booking costs, and the saga by which it is paid in points: a table of steps and their compensations (S12)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.errors import Conflict, Unseen

Task = Literal["hold", "release", "confirm", "cancel", "capture", "refund"]
PaymentState = Literal["paying", "paid", "returning", "unpaid"]

MINUTES_AN_HOUR = 60
CAPTURE_WITHIN = timedelta(minutes=10)
"""How long points are held beyond the moment by which the booking is confirmed: the time to capture them."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the saga, what undoes it, and whether both are asked of the points service or done here."""

    task: Task
    compensation: Task
    asked: bool


SAGA = (
    Step("hold", "release", asked=True),
    Step("confirm", "cancel", asked=False),
    Step("capture", "refund", asked=True),
)
"""Forward in this order. A step that fails, or a booking that is over, has the steps that are done undone backwards."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a space costs.

    Attributes:
        fen_per_hour: At the desk; a part of an hour counts by its minutes, rounded up to a whole fen.
        fen_cap: At most this for a booking.
        points_per_hour: Points instead, where they are accepted.
        points_cap: At most this for a booking.
        free_for: Age bands that pay nothing.
    """

    fen_per_hour: int
    fen_cap: int
    points_per_hour: int | None
    points_cap: int | None
    free_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class Charge:
    """What a booking costs: fen or, where they are accepted, points."""

    fen: int
    points: int | None


FREE = Charge(fen=0, points=None)


@dataclass(kw_only=True, eq=False)
class NotPayableInPoints(Conflict):
    """The booking is free, or its space takes no points."""

    type = "not-payable-in-points"
    title = "此预约不能用积分支付"
    title_en = "Not payable in points"
    detail = "此预约免费或不接受积分，应付 {fen} 分（人民币）；请直接确认预约，费用在服务台支付。"
    detail_en = "The booking is free or its space takes no points; it costs {fen} fen. Confirm it, and pay at the desk."

    fen: int


@dataclass(kw_only=True, eq=False)
class PaymentBegun(Conflict):
    """The booking is being paid, or was."""

    type = "payment-begun"
    title = "支付已发起"
    title_en = "Payment has begun"
    detail = "此预约的积分支付已发起，目前为 {state}，无须重复；结果见预约的费用。"
    detail_en = "The booking is {state}; nothing is left to do. Its charge tells the outcome."

    state: str


@dataclass(kw_only=True, eq=False)
class TariffUnseen(Unseen):
    """The space costs nothing."""

    type = "tariff-unseen"
    title = "空间没有收费标准"
    title_en = "Space has no tariff"
    detail = "空间 {space_id} 没有收费标准，免费使用。"
    detail_en = "Space {space_id} has no tariff; it is free."

    space_id: str


def charge_for(tariff: Tariff | None, minutes: int, band: str | None) -> Charge:
    """Return what a booking of so many minutes costs a resident of an age band."""
    if tariff is None or band in tariff.free_for:
        return FREE
    points = tariff.points_per_hour
    return Charge(
        fen=min(_for(minutes, tariff.fen_per_hour), tariff.fen_cap),
        points=None if points is None else min(_for(minutes, points), tariff.points_cap or 0),
    )


def _for(minutes: int, per_hour: int) -> int:
    return -(-minutes * per_hour // MINUTES_AN_HOUR)


def next_task(done: int, *, undoing: bool) -> tuple[Task, bool] | None:
    """Return what is to be done next, and whether it is asked of the points service; nothing at either end."""
    if undoing:
        return (SAGA[done - 1].compensation, SAGA[done - 1].asked) if done else None
    return (SAGA[done].task, SAGA[done].asked) if done < len(SAGA) else None


def after(done: int, *, undoing: bool, succeeded: bool) -> tuple[int, bool]:
    """Return how many steps are done, and whether they are being undone, once the next task has an outcome.

    A compensation counts as done whatever its outcome: the points service refuses one only when nothing is left of it.
    """
    if undoing:
        return done - 1, True
    return (done + 1, False) if succeeded else (done, True)


def state_of(done: int, *, undoing: bool) -> PaymentState:
    """Return where a payment stands."""
    if undoing:
        return "returning" if done else "unpaid"
    return "paid" if done == len(SAGA) else "paying"


def hold_until(confirmed_by: datetime) -> datetime:
    """Return until when points are held for a booking that is confirmed by a moment, or lapses then."""
    return confirmed_by + CAPTURE_WITHIN
