"""Write the self-evaluation report as a PDF, in pure Python.

The text is set in STSong-Light, a standard font of Chinese PDFs that the reader supplies, through the map GBK-EUC-H:
a Chinese character is two bytes and two halves wide, a Latin one a byte and a half, so widths need no font file.
"""

import io
import uuid
from collections.abc import Iterator

import pydyf
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.acceptance.queries import Report, report
from services.operations.reports.write_html import figures, shown, verdict

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 595, 842, 56
BODY, TITLE, LEAD = 11, 20, 1.6
BAR_LEFT, BAR_WIDTH, BAR_HEIGHT = 310, 170, 10
TEAL, GREY, BLACK = (0.06, 0.46, 0.43), (0.89, 0.91, 0.94), (0.12, 0.16, 0.22)

Line = tuple[str, int, tuple[int, int] | None]
"""A text, its size, and for a bar the points and the most, in tenths."""


async def write_pdf(session: AsyncSession, community_code: str, acceptance_id: uuid.UUID) -> bytes:
    """Write the report of an acceptance as it stands.

    Raises:
        AcceptanceUnseen: There is no such acceptance.
    """
    of = await report(session, community_code, acceptance_id)
    document = pydyf.PDF()
    document.info["Title"] = pydyf.String(f"{of.community.name} 未来社区自评报告")
    font = _font(document)
    lines = [wrapped for line in _lines(of) for wrapped in _wrapped(line)]
    for page in _pages(lines):
        _add(document, font, page)
    written = io.BytesIO()
    document.write(written, compress=True)
    return written.getvalue()


def _lines(of: Report) -> Iterator[Line]:
    yield f"{of.community.name} 未来社区自评报告", TITLE, None
    yield f"{of.community.city} {of.community.district} {of.community.street} · {of.community.code}", BODY, None
    yield f"项目类型 {of.acceptance.project_type} · 评分标准 {of.rubric.code}", BODY, None
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


def _halves(text: str) -> int:
    return len(text.encode("gbk", "replace"))


def _wrapped(line: Line) -> Iterator[Line]:
    text, size, bar = line
    most = (PAGE_WIDTH - 2 * MARGIN) * 2 // size
    while _halves(text) > most:
        cut = next(n for n in range(len(text), 0, -1) if _halves(text[:n]) <= most)
        yield text[:cut], size, None
        text = text[cut:]
    yield text, size, bar


def _pages(lines: list[Line]) -> Iterator[list[tuple[Line, float]]]:
    page: list[tuple[Line, float]] = []
    left = float(PAGE_HEIGHT - MARGIN)
    for line in lines:
        left -= line[1] * LEAD
        if left < MARGIN:
            yield page
            page, left = [], PAGE_HEIGHT - MARGIN - line[1] * LEAD
        page.append((line, left))
    yield page


def _add(document: pydyf.PDF, font: pydyf.Dictionary, page: list[tuple[Line, float]]) -> None:
    stream = pydyf.Stream(compress=True)
    for (text, size, bar), base in page:
        if bar:
            for width, colour in ((BAR_WIDTH, GREY), (BAR_WIDTH * bar[0] // bar[1], TEAL)):
                stream.set_color_rgb(*colour)
                stream.rectangle(MARGIN + BAR_LEFT, base, width, BAR_HEIGHT)
                stream.fill()
        stream.set_color_rgb(*BLACK)
        stream.begin_text()
        stream.set_font_size("song", size)
        stream.set_text_matrix(1, 0, 0, 1, MARGIN, base)
        stream.show_text(f"<{text.encode('gbk', 'replace').hex()}>")
        stream.end_text()
    document.add_object(stream)
    document.add_page(
        pydyf.Dictionary(
            {
                "Type": "/Page",
                "Parent": document.pages.reference,
                "MediaBox": pydyf.Array([0, 0, PAGE_WIDTH, PAGE_HEIGHT]),
                "Contents": stream.reference,
                "Resources": pydyf.Dictionary({"Font": pydyf.Dictionary({"song": font.reference})}),
            }
        )
    )


def _font(document: pydyf.PDF) -> pydyf.Dictionary:
    descriptor = pydyf.Dictionary(
        {
            "Type": "/FontDescriptor",
            "FontName": "/STSong-Light",
            "Flags": 4,
            "FontBBox": pydyf.Array([-25, -254, 1000, 880]),
            "ItalicAngle": 0,
            "Ascent": 880,
            "Descent": -120,
            "CapHeight": 880,
            "StemV": 93,
        }
    )
    document.add_object(descriptor)
    collection = {"Registry": pydyf.String("Adobe"), "Ordering": pydyf.String("GB1"), "Supplement": 2}
    glyphs = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/CIDFontType0",
            "BaseFont": "/STSong-Light",
            "CIDSystemInfo": pydyf.Dictionary(collection),
            "FontDescriptor": descriptor.reference,
            "DW": 1000,
            "W": pydyf.Array([814, 939, 500, 7716, 7716, 500]),  # the half-wide Latin glyphs of Adobe-GB1, and space
        }
    )
    document.add_object(glyphs)
    font = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/Type0",
            "BaseFont": "/STSong-Light-GBK-EUC-H",
            "Encoding": "/GBK-EUC-H",
            "DescendantFonts": pydyf.Array([glyphs.reference]),
        }
    )
    document.add_object(font)
    return font
