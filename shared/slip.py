"""Slips 凭条: one page in large print, for who reads no screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
"""One of the four Chinese fonts that every PDF reader brings itself, so that none is shipped."""
LARGE_PT, BODY_PT, MARGIN_PT, QR_PT = 30, 18, 36, 150
"""Body text at least 18 points, the largest 30: the elder-friendly rules."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What a slip says.

    Attributes:
        title: In Chinese, the largest on the page.
        title_en: The document's title in English.
        lines: The body, a line each.
        code: The text of its QR.
        foot: Two lines beneath: in Chinese what to do with it, and in English.
    """

    title: str
    title_en: str
    lines: Sequence[str]
    code: str
    foot: tuple[str, str]


def draw_slip(slip: Slip) -> bytes:
    """Return a slip as a PDF of one A5 page; the same slip gives the same bytes."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5, invariant=True)
    width, height = A5
    canvas.setTitle(f"{slip.title} {slip.title_en}")
    canvas.setFont(FONT, LARGE_PT)
    y = height - MARGIN_PT - LARGE_PT
    canvas.drawString(MARGIN_PT, y, slip.title)
    canvas.setFont(FONT, BODY_PT)
    for line in slip.lines:
        y -= BODY_PT * 1.8
        canvas.drawString(MARGIN_PT, y, line)
    qr = Drawing(QR_PT, QR_PT)
    qr.add(QrCodeWidget(slip.code, barWidth=QR_PT, barHeight=QR_PT, barLevel="M"))
    renderPDF.draw(qr, canvas, (width - QR_PT) / 2, y - QR_PT - BODY_PT)
    canvas.drawCentredString(width / 2, MARGIN_PT + 2 * BODY_PT, slip.foot[0])
    canvas.drawCentredString(width / 2, MARGIN_PT, slip.foot[1])
    canvas.showPage()
    canvas.save()
    return file.getvalue()
