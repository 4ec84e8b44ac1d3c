"""Write the self-evaluation report as a page: built as a tree, so that nothing in it can be taken for markup."""

import uuid
from fractions import Fraction
from xml.etree import ElementTree as ET

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.acceptance.queries import Report, report
from services.operations.acceptance.rules import CENTI
from services.operations.communities.rules import PROJECT_TYPE_NAMES

STYLE = """
body { font: 18px/1.5 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; max-width: 56rem;
  margin: 2rem auto; padding: 0 1rem; color: #1f2937; }
h1 { font-size: 30px; } h2 { margin-top: 2rem; border-bottom: 2px solid #0f766e; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #cbd5e1; padding: .4rem; text-align: left; overflow-wrap: anywhere; }
.verdict { font-size: 24px; font-weight: bold; } .yes { color: #0f766e; } .no { color: #b91c1c; }
code { word-break: break-all; font-size: 14px; } svg { width: 100%; height: auto; }
"""
BAR_WIDTH, ROW_HEIGHT, LABEL_WIDTH, CHART_WIDTH = 480, 34, 330, 900


def shown(value: Fraction, places: int = 1) -> str:
    """Return a figure cut to some decimals, never rounded up past a limit."""
    scaled = int(value * 10**places)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}"


def verdict(of: Report) -> str:
    """Return what the report comes to, in both languages."""
    if of.outcome.missing:
        return "资料不完整，尚不能评定 / incomplete: no verdict yet"
    return "符合验收条件 / meets the rubric" if of.outcome.passed else "不符合验收条件 / does not meet the rubric"


def figures(of: Report) -> list[tuple[str, str]]:
    """Return the figures at the head of the report, with what they are held against."""
    outcome, rubric = of.outcome, of.rubric
    rows = [("总分 total", f"{shown(outcome.total)} ≥ {rubric.pass_points}")]
    if outcome.mean_centi is not None and outcome.sample_bp is not None:
        limit = shown(Fraction(rubric.satisfaction_min_centi, CENTI), 2)
        rows.append(("居民满意度 satisfaction", f"{shown(outcome.mean_centi / CENTI, 2)} ≥ {limit}"))
        rows.append(
            (
                "抽样户数比例 households asked",
                f"{shown(outcome.sample_bp / CENTI)} % ≥ {rubric.sample_min_bp // CENTI} %",
            )
        )
    return rows


async def write_html(session: AsyncSession, community_code: str, acceptance_id: uuid.UUID) -> str:
    """Write the report of an acceptance as it stands.

    Raises:
        AcceptanceUnseen: There is no such acceptance.
    """
    of = await report(session, community_code, acceptance_id)
    page = ET.Element("html", lang="zh-CN")
    head = ET.SubElement(page, "head")
    ET.SubElement(head, "meta", charset="utf-8")
    ET.SubElement(head, "title").text = f"{of.community.name} 未来社区自评报告"
    ET.SubElement(head, "style").text = STYLE
    body = ET.SubElement(page, "body")
    _head(body, of)
    ET.SubElement(body, "h2").text = "各维度得分 points by dimension"
    _chart(body, [(one.name, one.points + one.bonus, one.most + one.most_bonus) for one in of.outcome.dimensions])
    _items(body, of)
    _sources(body, of)
    return "<!DOCTYPE html>" + ET.tostring(page, encoding="unicode", method="html")


def _head(body: ET.Element, of: Report) -> None:
    ET.SubElement(body, "h1").text = f"{of.community.name} 未来社区自评报告 Self-evaluation"
    where = f"{of.community.city} {of.community.district} {of.community.street} · {of.community.code}"
    kind = PROJECT_TYPE_NAMES[of.acceptance.project_type]
    ET.SubElement(body, "p").text = f"{where} · 项目类型 {kind} · 评分标准 {of.rubric.code}"
    colour = "yes" if of.outcome.passed else "no"
    ET.SubElement(body, "p", {"class": f"verdict {colour}"}).text = verdict(of)
    _table(body, ["指标 figure", "数值与限值 value and limit"], [[name, value] for name, value in figures(of)])
    for title, lines in (
        ("未达要求 not met", of.outcome.reasons),
        ("缺失 missing", of.outcome.missing),
        ("评分分歧 disputed", of.outcome.disputed),
    ):
        if lines:
            ET.SubElement(body, "p").text = f"{title}：{'；'.join(lines)}"


def _items(body: ET.Element, of: Report) -> None:
    points: dict[str, list[str]] = {}
    for number, row in enumerate(of.scores, 1):
        points.setdefault(row.item, []).append(f"{row.points} [{number}]")
    for dimension in of.rubric.dimensions:
        ET.SubElement(body, "h2").text = dimension.name
        rows = [
            [item.name, str(item.points), "，".join(points.get(item.code, ["缺失 missing"]))]
            for item in dimension.items
        ]
        _table(body, ["评分项 item", "满分 most", "评分 [来源] points [source]"], rows)


def _sources(body: ET.Element, of: Report) -> None:
    ET.SubElement(body, "h2").text = "数据来源 sources"
    rows = [
        [f"[{number}]", row.item, row.assessor, f"{row.scored_at:%Y-%m-%d}", "；".join(row.evidence)]
        for number, row in enumerate(of.scores, 1)
    ]
    if of.acceptance.satisfaction:
        found = of.acceptance.satisfaction
        asked = f"{found['answered']}/{found['households']} 户，合计 {found['score_sum']} 分"
        rows.append(["[满意度]", asked, found["by"], "", "；".join(found["evidence"])])
    _table(body, ["编号 no.", "评分项 item", "评分人 by", "日期 day", "证据 evidence"], rows)
    line = ET.SubElement(body, "p")
    line.text = "数据摘要 SM3 "
    ET.SubElement(line, "code").text = of.digest


def _table(body: ET.Element, head: list[str], rows: list[list[str]]) -> None:
    table = ET.SubElement(body, "table")
    for tag, row in [("th", head), *(("td", row) for row in rows)]:
        line = ET.SubElement(table, "tr")
        for cell in row:
            ET.SubElement(line, tag).text = cell


def _chart(body: ET.Element, bars: list[tuple[str, Fraction, int]]) -> None:
    size = {"viewBox": f"0 0 {CHART_WIDTH} {ROW_HEIGHT * len(bars)}", "role": "img", "font-size": "16"}
    drawing = ET.SubElement(body, "svg", size)
    for row, (name, value, most) in enumerate(bars):
        top, width = row * ROW_HEIGHT, int(BAR_WIDTH * value / most)
        left = {"x": str(LABEL_WIDTH), "y": str(top + 6), "height": "20"}
        ET.SubElement(drawing, "text", {"x": "0", "y": str(top + 22)}).text = name
        ET.SubElement(drawing, "rect", {**left, "width": str(BAR_WIDTH), "fill": "#e2e8f0"})
        ET.SubElement(drawing, "rect", {**left, "width": str(width), "fill": "#0f766e"})
        end = {"x": str(LABEL_WIDTH + BAR_WIDTH + 8), "y": str(top + 22)}
        ET.SubElement(drawing, "text", end).text = f"{shown(value)}/{most}"
