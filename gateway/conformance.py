"""The conformance page: each clause of the province's guideline, its basis, what meets it, and the last test result.

`clauses.csv` says what is asked; `conformance.json` is written by the test run (`tests.report`) and by nobody else.
"""

import csv
import html
import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from gateway.catalogue import wants_data
from gateway.pages import page

CLAUSES = Path(__file__).with_name("clauses.csv")
RESULTS = Path(__file__).with_name("conformance.json")
BASES = {"C": "原文或多方公开实现 confirmed", "Q": "转引 quoted", "A": "按通行做法推定 assumed"}
SHOWN = {
    "passed": "✓ 通过 passed",
    "failed": "✗ 未通过 failed",
    "not run": "– 未运行 not run",
    "open": "○ 未证明 open",
}
_NOTE = (
    "依据公开资料整理；指引全文未公开，不声称符合。结果由测试运行写入。"
    "From public sources; the full texts are not public, and no certified conformity is claimed. "
    "Results are written by a test run."
)

router = APIRouter(tags=["合规 conformance"])


def clauses() -> list[dict[str, Any]]:
    """Read what is asked, with what is to meet it: requirement rows, none where the clause is open."""
    with CLAUSES.open(encoding="utf-8", newline="") as file:
        return [{**row, "met_by": row["met_by"].split()} for row in csv.DictReader(file)]


def results() -> dict[str, Any]:
    """Return what the last test run wrote; where none ran, each clause without a result."""
    if RESULTS.exists():
        written: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
        return written
    return {"run_at": None, "clauses": [{**each, "tests": [], "result": "not run"} for each in clauses()]}


@router.get("/conformance", summary="合规对照 / Conformance", response_model=None)
async def conformance(request: Request) -> Response:
    """Show each clause with its basis, tests and last result, as a page or, asked for JSON, as data."""
    written = results()
    if wants_data(request):
        return JSONResponse({"note": _NOTE, "bases": BASES, **written})
    rows = "".join(_row(each) for each in written["clauses"])
    ran = html.escape(written["run_at"] or "–")
    body = (
        f"<h1>合规对照 Conformance</h1><p>{_NOTE}</p><p>测试运行 test run: {ran}</p>"
        "<table><tr><th>条款 clause<th>依据 basis<th>要求 requirement<th>结果 result<th>测试 tests</tr>"
        f"{rows}</table>"
    )
    return page("合规对照 Conformance", body, width_em=70)


def _row(clause: dict[str, Any]) -> str:
    tests = "".join(
        f"<li><code>{html.escape(test['id'])}</code> {SHOWN[test['result']]} {html.escape(test['at'] or '')}</li>"
        for test in clause["tests"]
    )
    return (
        f"<tr><td>{html.escape(clause['clause'])}<td>{BASES[clause['basis']]}"
        f"<td>{html.escape(clause['zh'])}<br><span lang=en>{html.escape(clause['en'])}</span>"
        f"<td>{SHOWN[clause['result']]}<td>{' '.join(clause['met_by'])}<ul>{tests}</ul></tr>"
    )
