"""The catalogue of problems: for each type a page that says, in Chinese and English, what happened and what to do.

The list is generated from the code of services and gateway (`python -m tests.contracts.golden`) and ships with it.
"""

import html
import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from gateway.pages import page
from shared import problems
from shared.problems import TYPE_BASE

FILE = Path(__file__).with_name("problems.json")
PROBLEMS: dict[str, dict[str, Any]] = {each["type"]: each for each in json.loads(FILE.read_text(encoding="utf-8"))}

router = APIRouter(tags=["问题 problems"])


@router.get("/problems", summary="问题目录 / Catalogue of problems", response_model=None)
async def catalogue(request: Request) -> Response:
    """List all types of problems, as a page or, asked for JSON, as data."""
    if wants_data(request):
        return JSONResponse(list(PROBLEMS.values()))
    items = "".join(
        f'<li><a href="/problems/{kind}"><code>{kind}</code></a> {html.escape(each["title"])}'
        f" · {html.escape(each['title_en'])} ({each['status']})</li>"
        for kind, each in PROBLEMS.items()
    )
    return page("问题目录 Problems", f"<h1>问题目录 Problems</h1><ul>{items}</ul>")


@router.get("/problems/{kind}", summary="一种问题 / One type of problem", response_model=None)
async def one(request: Request, kind: str) -> Response:
    """Say what a type of problem means and what to do."""
    known = PROBLEMS.get(kind)
    if known is None:
        return problems.problem(
            404, "not-found", detail="没有此类问题，全部见 /problems。", detail_en="No such type; /problems lists all."
        )
    if wants_data(request):
        return JSONResponse(known)
    members = "".join(f"<li><code>{html.escape(name)}</code></li>" for name in known["members"])
    body = (
        f"<h1>{html.escape(known['title'])} · {html.escape(known['title_en'])}</h1>"
        f"<p><code>{TYPE_BASE}{kind}</code> · HTTP {known['status']}</p>"
        f"<p>{html.escape(known['detail'])}</p><p lang=en>{html.escape(known['detail_en'])}</p>"
        + (f"<p>附加字段 members:</p><ul>{members}</ul>" if members else "")
        + '<p><a href="/problems">全部问题 all problems</a></p>'
    )
    return page(known["title"], body)


def wants_data(request: Request) -> bool:
    """Tell whether a caller asks for data rather than a page."""
    return "application/json" in request.headers.get("accept", "")
