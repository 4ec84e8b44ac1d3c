"""Print a booking's slip."""

import uuid
from datetime import datetime
from io import BytesIO

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.bookings.queries import find_booking
from services.scenarios.communities.tables import Community
from services.scenarios.spaces.queries import find_space
from shared.clock import CHINA
from shared.identity import Identity

FONT = "STSong-Light"
"""One of the four Chinese fonts that every PDF reader brings itself, so that none is shipped."""
LARGE_PT, BODY_PT, MARGIN_PT, QR_PT = 30, 18, 36, 150
"""Body text at least 18 points, the largest 30: the elder-friendly rules."""
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
    return _drawn(lines, f"linli:booking:{booking.id}")


def _times(starts_at: datetime, ends_at: datetime) -> tuple[str, str]:
    start, end = starts_at.astimezone(CHINA), ends_at.astimezone(CHINA)
    day = f"{start.year}年{start.month}月{start.day}日 星期{WEEKDAYS[start.weekday()]}"
    return day, f"{start:%H:%M} 至 {end:%H:%M}"


def _drawn(lines: tuple[str, ...], code: str) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5, invariant=True)  # the same booking gives the same bytes
    width, height = A5
    canvas.setTitle("预约凭条 Booking slip")
    canvas.setFont(FONT, LARGE_PT)
    y = height - MARGIN_PT - LARGE_PT
    canvas.drawString(MARGIN_PT, y, "预约凭条")
    canvas.setFont(FONT, BODY_PT)
    for line in lines:
        y -= BODY_PT * 1.8
        canvas.drawString(MARGIN_PT, y, line)
    qr = Drawing(QR_PT, QR_PT)
    qr.add(QrCodeWidget(code, barWidth=QR_PT, barHeight=QR_PT, barLevel="M"))
    renderPDF.draw(qr, canvas, (width - QR_PT) / 2, y - QR_PT - BODY_PT)
    canvas.drawCentredString(width / 2, MARGIN_PT + 2 * BODY_PT, "请凭此条签到，不来请提前告知服务台")
    canvas.drawCentredString(width / 2, MARGIN_PT, "Show this slip to check in")
    canvas.showPage()
    canvas.save()
    return file.getvalue()
