"""Editions of what can be read (G26): an answer's ETag, a read that nothing has changed for, an edit of one edition.

What a path with an id answers to GET is a resource, and a write to that path or to one below it edits the resource.
An edit with `If-Match` is done if the resource still reads as its editor saw it, and refused if it does not. Edits with
a condition wait for all other edits of the resource, and these for them, so nobody's work is overwritten unseen.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.database import SESSION
from shared.errors import Refusal

IF_MATCH, IF_NONE_MATCH = "if-match", "if-none-match"
_LOCK = "SELECT pg_advisory_xact_lock{}(hashtextextended(:path, 26))"
_EDIT_ALONE, _EDIT = text(_LOCK.format("")), text(_LOCK.format("_shared"))


@dataclass(kw_only=True, eq=False)
class EditedMeanwhile(Refusal):
    """The resource does not read any more as it did when the editor saw it."""

    status = 412
    type = "edited-meanwhile"
    title = "内容已被他人修改"
    title_en = "Edited meanwhile"
    detail = "{resource} 与您读取时（If-Match）不同，本次修改未生效。请重新读取，核对后再提交。"
    detail_en = "{resource} no longer reads as it did (If-Match); nothing was changed. Read it again, look, and resend."

    resource: str


def etag(body: bytes) -> str:
    """Return the strong entity tag of an answer (RFC 9110, 8.8.3)."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def edited(path: str, is_readable: Callable[[str], bool]) -> str | None:
    """Return the resource that a write to a path template edits: the nearest one with an id that can be read."""
    segments = path.split("/")
    for end in range(len(segments), 0, -1):
        if any(part.startswith("{") for part in segments[:end]) and is_readable("/".join(segments[:end])):
            return "/".join(segments[:end])
    return None


def _names(header: str) -> set[str]:
    return {each.strip() for each in header.split(",")}


class Tagged:
    """Gives JSON that is read its ETag, and leaves it out when the reader has it already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        known = next((v.decode("latin-1") for n, v in scope["headers"] if n == IF_NONE_MATCH.encode()), None)
        head: Message | None = None

        async def tagged(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start" and _is_tagged(message):
                head = message
                return
            if head is not None:
                first, head = head, None
                for each in _with_tag(first, message, known):
                    await send(each)
                return
            await send(message)

        await self._app(scope, receive, tagged)


def _is_tagged(head: Message) -> bool:
    headers = dict(head["headers"])
    return head["status"] == 200 and headers.get(b"content-type") == b"application/json" and b"etag" not in headers  # noqa: PLR2004 - OK


def _with_tag(head: Message, body: Message, known: str | None) -> list[Message]:
    if body.get("more_body"):
        return [head, body]
    tag = etag(body.get("body", b""))
    headers = [(name, value) for name, value in head["headers"] if name not in {b"content-length", b"content-type"}]
    if known and {tag, "*", f"W/{tag}"} & _names(known):
        return [{**head, "status": 304, "headers": [*headers, (b"etag", tag.encode())]}, {**body, "body": b""}]
    return [{**head, "headers": [*head["headers"], (b"etag", tag.encode())]}, body]


async def hold_edition(request: Request, session: AsyncSession) -> None:
    """Keep others from editing, until this transaction ends, what the request edits, and check its `If-Match`.

    Raises:
        EditedMeanwhile: The resource reads otherwise, or is not there to be read by this caller.
    """
    wanted = request.headers.get(IF_MATCH)
    resource = _resource(request)
    if resource is None:
        if wanted is not None:
            raise EditedMeanwhile(resource=request.url.path)
        return
    name = {"path": quote(resource)}  # PostgreSQL takes no NUL, which a caller may well send
    await session.execute(_EDIT if wanted is None else _EDIT_ALONE, name)
    if wanted is not None:
        present = await _read(request, resource, session)
        if present is None or not {present, "*"} & _names(wanted):
            raise EditedMeanwhile(resource=resource)


def _resource(request: Request) -> str | None:
    described = request.app.openapi()["paths"]
    found = edited(request.scope["route"].path, lambda path: "get" in described.get(path, ()))
    return None if found is None else "/".join(request.url.path.split("/")[: found.count("/") + 1])


async def _read(request: Request, resource: str, session: AsyncSession) -> str | None:
    """Read the resource as the editor would, in the editor's transaction; returns its tag."""
    scope = {**request.scope, "method": "GET", "path": resource, "query_string": b"", SESSION: session}
    status, body = 0, b""

    async def kept(message: Message) -> None:
        nonlocal status, body
        status, body = message.get("status", status), body + message.get("body", b"")

    await request.app.router(scope, request.receive, kept)
    return etag(body) if status == 200 else None  # noqa: PLR2004 - OK
