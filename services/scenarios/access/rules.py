"""When a door code opens, and why it does not."""

from dataclasses import dataclass
from datetime import timedelta

from shared.errors import Conflict, Forbidden

EARLY = timedelta(minutes=10)
"""How long before a booking its code opens the door."""
CODE_DIGITS = 6


@dataclass(kw_only=True, eq=False)
class NotConfirmed(Conflict):
    """Only a confirmed booking has a door code."""

    type = "booking-not-confirmed"
    title = "预约尚未确认"
    title_en = "Booking is not confirmed"
    detail = "预约 {booking_id} 目前为 {state}，确认后方有门禁码。"
    detail_en = "Booking {booking_id} is {state}; it has a door code once it is confirmed."

    booking_id: str
    state: str


@dataclass(kw_only=True, eq=False)
class DoorClosed(Forbidden):
    """The code does not open this door now."""

    type = "door-closed"
    title = "门禁码无效"
    title_en = "Code does not open the door"
    detail = "此码现在不能开启此空间：请核对号码与预约时间，可提前 {early_minutes} 分钟进入，或联系服务台。"
    detail_en = "The code does not open this space now. Check it and the time: it opens {early_minutes} minutes early."

    early_minutes: int
