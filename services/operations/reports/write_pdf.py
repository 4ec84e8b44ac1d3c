"""Write the self-evaluation report as a PDF."""

import uuid
from collections.abc import Iterator
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.acceptance.queries import Report, report
from services.operations.communities.rules import PROJECT_TYPE_NAMES
from services.operations.reports.write_html import figures, shown, verdict

FONT = "STSong-Light"
"""One of the four Chinese fonts that every PDF reader brings itself, so that none is shipped."""
BODY, TITLE, LEAD = 11, 20, 1.6
MARGIN, BAR_WIDTH, BAR_HEIGHT, BAR_SPACE = 56, 483, 7, 8
TEAL, GREY, BLACK = HexColor(0x0F766E), HexColor(0xE3E8EB), HexColor(0x1F2937)

Line = tuple[str, int, tuple[int, int] | None]
"""A text, its size, and for a bar the points and the most, in tenths."""


async def write_pdf(session: AsyncSession, community_code: str, acceptance_id: uuid.UUID) -> bytes:
    """Write the report of an acceptance as it stands.

    Raises:
        AcceptanceUnseen: There is no such acceptance.
    """
    of = await report(session, community_code, acceptance_id)
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    written = BytesIO()
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{of.community.name} 未来社区自评报告",
        invariant=True,  # the same report gives the same bytes
    )
    document.build([part for line in _lines(of) for part in _drawn(line)])
    return written.getvalue()


def _drawn(line: Line) -> Iterator[Flowable]:
    text, size, bar = line
    style = ParagraphStyle(
        str(size), fontName=FONT, fontSize=size, leading=size * LEAD, textColor=BLACK, alignment=TA_LEFT, wordWrap="CJK"
    )
    yield Paragraph(escape(text), style)
    if bar:
        drawing = Drawing(BAR_WIDTH, BAR_HEIGHT + BAR_SPACE)
        for width, colour in ((BAR_WIDTH, GREY), (BAR_WIDTH * bar[0] // bar[1], TEAL)):
            part = Rect(0, BAR_SPACE, width, BAR_HEIGHT)
            part.fillColor, part.strokeColor = colour, None
            drawing.add(part)
        yield drawing


def _lines(of: Report) -> Iterator[Line]:
    yield f"{of.community.name} 未来社区自评报告", TITLE, None
    yield f"{of.community.city} {of.community.district} {of.community.street}，{of.community.code}", BODY, None
    yield f"项目类型 {PROJECT_TYPE_NAMES[of.acceptance.project_type]}，评分标准 {of.rubric.code}", BODY, None
    yield verdict(of), 15, None
    for name, value in figures(of):
        yield f"{name}  {value}", BODY, None
    for title, names in (("未达要求", of.outcome.reasons), ("缺失", of.outcome.missing), ("分歧", of.outcome.disputed)):
        if names:
            yield f"{title}：{'；'.join(names)}", BODY, None
    yield "各维度得分 points by dimension", 15, None
    for one in of.outcome.dimensions:
        points, most = one.points + one.bonus, one.most + one.most_bonus
        yield f"{one.name}  {shown(points)}/{most}", BODY, (int(points * 10), most * 10)
    yield "评分与证据 scores and their evidence", 15, None
    items = of.rubric.items()
    for number, row in enumerate(of.scores, 1):
        evidence = "；".join(row.evidence)
        yield f"[{number}] {items[row.item].name} {row.points} 分，{row.assessor}，{evidence}", BODY, None
    if of.acceptance.satisfaction:
        found = of.acceptance.satisfaction
        evidence = "；".join(found["evidence"])
        yield (
            f"[满意度] {found['answered']}/{found['households']} 户，合计 {found['score_sum']} 分，{evidence}",
            BODY,
            None,
        )
    yield f"数据摘要 SM3 {of.digest}", BODY, None
