"""One effect per key (P4, G26): the first answer to a write is kept in the write's own transaction.

A replay gets that answer again, byte for byte, whether it was a success or a refusal; the same key with another
content is a conflict. A router made with `route_class=IdempotentRoute` gives this to all its writes.
"""

import functools
import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from sqlalchemy import LargeBinary, SmallInteger, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from shared import problems
from shared.database import PlatformBase, Transaction
from shared.errors import Conflict, Refusal
from shared.identity import Caller

KEPT_DAYS = 7
REPLAYED = "Idempotency-Replayed"


class IdempotencyRecord(PlatformBase):
    """What was asked under a key, and what was answered."""

    __tablename__ = "idempotency"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    media_type: Mapped[str | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


@dataclass(kw_only=True, eq=False)
class KeyReused(Conflict):
    """The key was used before, with another content."""

    type = "idempotency-key-reused"
    title = "幂等键已被用于其他请求"
    title_en = "Idempotency key reused"
    detail = "幂等键 {key} 已用于内容不同的请求。新请求请换一个新的键。"
    detail_en = "The key {key} was used for another request. Use a new key for a new request."

    key: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that this request has claimed, or the answer that it got before."""

    session: AsyncSession
    caller: str
    key: str
    answered: Response | None

    async def remember(self, response: Response) -> Response:
        """Keep the answer with the effect, in the same transaction."""
        await self.session.execute(
            update(IdempotencyRecord)
            .where(IdempotencyRecord.caller == self.caller, IdempotencyRecord.key == self.key)
            .values(status=response.status_code, media_type=response.media_type, body=bytes(response.body))
        )
        return response


async def claim(
    request: Request,
    session: Transaction,
    who: Caller,
    key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            min_length=8,
            max_length=128,
            pattern=r"^[\x21-\x7e]+$",
            description="同一操作重试时使用相同的键 / the same for each try of one operation",
        ),
    ],
) -> Claim:
    """Claim the key for this request, waiting for a request with the same key that is under way.

    Raises:
        KeyReused: The key belongs to another content.
    """
    content = b"\n".join([request.method.encode(), request.url.path.encode(), request.url.query.encode()])
    request_hash = hashlib.sha256(content + b"\n" + await request.body()).digest()
    claimed = await session.execute(
        insert(IdempotencyRecord)
        .values(caller=who.subject, key=key, request_hash=request_hash)
        .on_conflict_do_nothing()
        .returning(IdempotencyRecord.key)
    )
    if claimed.first():
        return Claim(session, who.subject, key, None)
    before = await session.scalar(
        select(IdempotencyRecord).where(IdempotencyRecord.caller == who.subject, IdempotencyRecord.key == key)
    )
    if before is None or before.status is None or before.request_hash != request_hash:
        raise KeyReused(key=key)
    answered = Response(before.body, before.status, {REPLAYED: "true"}, before.media_type)
    return Claim(session, who.subject, key, answered)


def _idempotent(endpoint: Callable[..., Any], status_code: int) -> Callable[..., Any]:
    signature = inspect.signature(endpoint, eval_str=True)
    answer = TypeAdapter(signature.return_annotation)

    @functools.wraps(endpoint)
    async def answered_once(*, _claim: Claim, **arguments: Any) -> Response:  # noqa: ANN401 - the endpoint's own
        if _claim.answered:
            return _claim.answered
        try:
            async with _claim.session.begin_nested():
                result = await endpoint(**arguments)
        except Refusal as refusal:
            return await _claim.remember(problems.of_refusal(refusal))
        body = answer.dump_json(result, by_alias=True)
        return await _claim.remember(Response(body, status_code, media_type="application/json"))

    parameter = inspect.Parameter("_claim", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Claim, Depends(claim)])
    answered_once.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), parameter]
    )
    return answered_once


class IdempotentRoute(APIRoute):
    """A route that, when it writes, takes an Idempotency-Key and answers each key once."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401 - FastAPI's own
        if set(options.get("methods") or ()) - {"GET", "HEAD"}:
            endpoint = _idempotent(endpoint, options.get("status_code") or 200)
            options["responses"] = {**problems.responses(KeyReused), **(options.get("responses") or {})}
        super().__init__(path, endpoint, **options)
