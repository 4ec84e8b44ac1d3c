"""The states of a booking, and why one is not seen, confirmed, decided or given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.errors import Conflict, Unseen

State = Literal["held", "requested", "confirmed", "declined", "cancelled", "lapsed"]
HOLD = timedelta(minutes=10)
"""How long a slot is held for someone who has not confirmed yet."""


@dataclass(kw_only=True, eq=False)
class BookingUnseen(Unseen):
    """There is no such booking, or none that the caller may see."""

    type = "booking-unseen"
    title = "没有这个预约"
    title_en = "No such booking"
    detail = "没有编号为 {booking_id} 的预约，或您无权查看。"
    detail_en = "There is no booking {booking_id}, or none that you may see."

    booking_id: str


@dataclass(kw_only=True, eq=False)
class BookingBegun(Conflict):
    """The booking has begun and cannot be changed."""

    type = "booking-begun"
    title = "预约已开始"
    title_en = "Booking has begun"
    detail = "预约已于 {starts_at} 开始，不能取消或改期；请与社区前台联系。"
    detail_en = "The booking began at {starts_at} and cannot be cancelled or moved; ask at the community's desk."

    starts_at: str


@dataclass(kw_only=True, eq=False)
class BookingCancelled(Conflict):
    """The booking was cancelled before."""

    type = "booking-cancelled"
    title = "预约已取消"
    title_en = "Booking is cancelled"
    detail = "预约 {booking_id} 此前已取消，无须再次取消。"
    detail_en = "Booking {booking_id} was cancelled before; nothing is left to do."

    booking_id: str


@dataclass(kw_only=True, eq=False)
class BookingLapsed(Conflict):
    """The booking was held or requested, and its time is over."""

    type = "booking-lapsed"
    title = "预占已到期"
    title_en = "Hold has lapsed"
    detail = "预约 {booking_id} 的预占或申请已到期，时段已释放；请重新预约。"
    detail_en = "The hold or request of booking {booking_id} has lapsed and its slot is free again; book anew."

    booking_id: str


@dataclass(kw_only=True, eq=False)
class BookingElsewhere(Conflict):
    """The booking is in a state in which this cannot be done."""

    type = "booking-state"
    title = "预约状态不允许此操作"
    title_en = "Booking is in another state"
    detail = "预约 {booking_id} 目前为 {state}，此操作只适用于 {expected}。"
    detail_en = "Booking {booking_id} is {state}; this is for one that is {expected}."

    booking_id: str
    state: str
    expected: str


def first_state(now: datetime, starts_at: datetime, *, hold: bool, approval: bool) -> tuple[State, datetime | None]:
    """Return the state in which a booking begins, and when it lapses: what is not confirmed ends with its start."""
    if hold:
        return "held", min(now + HOLD, starts_at)
    return ("requested", starts_at) if approval else ("confirmed", None)


def state_at(state: str, expires_at: datetime | None, now: datetime) -> State:
    """Return the state of a booking at a moment."""
    if expires_at is not None and expires_at <= now:
        return "lapsed"
    return state  # type: ignore[return-value]  # the table's constraint names the same


def why_not_moved(booking_id: str, state: State, expected: str) -> Conflict:
    """Return why a booking in this state does not take a step that is for another."""
    if state == "lapsed":
        return BookingLapsed(booking_id=booking_id)
    if state == "cancelled":
        return BookingCancelled(booking_id=booking_id)
    return BookingElsewhere(booking_id=booking_id, state=state, expected=expected)
