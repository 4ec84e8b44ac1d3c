"""All that the platform holds of a resident, as one file: each service is asked as the resident would ask it.

The calls go through the door like any other, with the resident's own headers: each is checked, limited and on record.
"""

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message

from gateway.routes import HOLDERS, PREFIX

_OK = 200

router = APIRouter(tags=["个人信息查阅与复制 own data"])


@router.get("/own-data", summary="下载我的全部数据 / All my data as one file")
async def read_all(request: Request) -> Response:
    """Give the caller one file with a part of each service; if one cannot answer, the answer is its refusal."""
    parts: dict[str, Any] = {}
    for service in HOLDERS:
        answer = await _ask(request.app.state.proxy, request, f"{PREFIX}{service}/own-data")
        if answer.status_code != _OK:
            return answer
        parts[service] = json.loads(bytes(answer.body))
    headers = {"Content-Disposition": 'attachment; filename="linli-own-data.json"', "Cache-Control": "no-store"}
    return JSONResponse(parts, headers=headers)


async def _ask(proxy: ASGIApp, request: Request, path: str) -> Response:
    answer, body = Response(), bytearray()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status_code, answer.raw_headers = message["status"], [*message["headers"]]
        else:
            body.extend(message.get("body", b""))

    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return await request.receive()  # that the caller leaves
        sent = True
        return {"type": "http.request", "body": b"", "more_body": False}

    dropped = {b"accept-encoding", b"if-none-match", b"range"}  # each part is read here, whole
    headers = [(name, value) for name, value in request.scope["headers"] if name not in dropped]
    scope = {**request.scope, "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
    await proxy(scope, receive, keep)
    answer.body = bytes(body)
    return answer
