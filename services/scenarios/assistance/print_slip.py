"""Print a booking's slip."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.bookings.queries import find_booking
from services.scenarios.communities.tables import Community
from services.scenarios.spaces.queries import find_space
from shared.clock import CHINA
from shared.identity import Identity
from shared.slip import Slip, draw_slip

WEEKDAYS = "一二三四五六日"


async def print_slip(session: AsyncSession, booking_id: uuid.UUID, by: Identity) -> bytes:
    """Return a booking's slip as a PDF of one A5 page in large print, with a QR code to check in by.

    Raises:
        BookingUnseen: There is none that the caller may see.
    """
    booking = await find_booking(session, booking_id, by)
    space = await find_space(session, booking.space_id)
    community = await session.get_one(Community, booking.community_code)
    lines = (community.name, space.name, *_times(booking.starts_at, booking.ends_at), f"编号 {str(booking.id)[-8:]}")
    foot = "请凭此条签到，不来请提前告知服务台", "Show this slip to check in"
    return draw_slip(Slip("预约凭条", "Booking slip", lines, f"linli:booking:{booking.id}", foot))


def _times(starts_at: datetime, ends_at: datetime) -> tuple[str, str]:
    start, end = starts_at.astimezone(CHINA), ends_at.astimezone(CHINA)
    day = f"{start.year}年{start.month}月{start.day}日 星期{WEEKDAYS[start.weekday()]}"
    return day, f"{start:%H:%M} 至 {end:%H:%M}"
