"""One effect per key (P4, G26): the first answer to a write is kept in the write's own transaction.

A replay gets that answer again, byte for byte, whether it was a success or a refusal; the same key with another
content is a conflict. A router made with `route_class=IdempotentRoute` gives this to all its writes, each in its own
transaction, and `answer_once` to the requests that share one (`shared.grouped_route`).
"""

import functools
import hashlib
import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from sqlalchemy import LargeBinary, SmallInteger, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from shared import problems
from shared.database import PlatformBase, SetStatement, Transaction, columns
from shared.errors import Conflict, Refusal
from shared.identity import Caller

KEPT_DAYS = 7
KEY = "Idempotency-Key"
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


Key = Annotated[
    str,
    Header(
        alias=KEY,
        min_length=8,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="同一操作重试时使用相同的键 / the same for each try of one operation",
    ),
]


def hash_of(request: Request, body: bytes) -> bytes:
    """Return what tells the content of a request from that of others."""
    content = b"\n".join([request.method.encode(), request.url.path.encode(), request.url.query.encode()])
    return hashlib.sha256(content + b"\n" + body).digest()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request under a key, by the hash of its content."""

    caller: str
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    media_type: str | None
    body: bytes
    replayed: bool = False

    @classmethod
    def of(cls, response: Response) -> "Answer":
        """Return what a response says."""
        return cls(response.status_code, response.media_type, bytes(response.body))

    def as_response(self) -> Response:
        """Return it as it leaves."""
        headers = {REPLAYED: "true"} if self.replayed else None
        return Response(self.body, self.status, headers, self.media_type)


_FIND = SetStatement("""
    SELECT caller, key, request_hash, status, media_type, body
    FROM unnest(CAST(:callers AS text[]), CAST(:keys AS text[])) AS asked (caller, key)
    JOIN idempotency USING (caller, key)
""")
# In an order that all keep. That another process has answered one of them meanwhile is an error, and undoes the batch.
_KEEP = SetStatement("""
    INSERT INTO idempotency (caller, key, request_hash, status, media_type, body)
    SELECT * FROM unnest(CAST(:callers AS text[]), CAST(:keys AS text[]), CAST(:hashes AS bytea[]),
                         CAST(:statuses AS smallint[]), CAST(:media_types AS text[]), CAST(:bodies AS bytea[]))
        AS answered (caller, key)
    ORDER BY caller, key
""")


_asked = attrgetter("caller", "key", "request_hash")
_said = attrgetter("status", "media_type", "body")


async def answer_once(
    session: AsyncSession, asked: Sequence[Asked], do: Callable[[Sequence[int]], Awaitable[Sequence[Answer]]]
) -> list[Answer | KeyReused]:
    """Answer requests that share a transaction: those answered before as they were, the others now, once a key.

    Args:
        session: The transaction, in which the answers are kept.
        asked: The requests, in the order of arrival.
        do: Does those at the places it is given, and returns their answers.

    Raises:
        sqlalchemy.exc.IntegrityError: A key was used meanwhile, by another process; all is to be undone and done again.
    """
    names = columns("callers keys", [(one.caller, one.key) for one in asked])
    answers: dict[tuple[str, str], tuple[bytes, Answer]] = {
        (who, key): (request_hash, Answer(status, media_type, body, replayed=True))
        for who, key, request_hash, status, media_type, body in await _FIND.run(session, names)
    }
    first = {(one.caller, one.key): place for place, one in reversed([*enumerate(asked)])}
    fresh = sorted(place for name, place in first.items() if name not in answers)
    if fresh:
        done = dict(zip(fresh, await do(fresh), strict=True))
        kept = [(*_asked(asked[place]), *_said(answer)) for place, answer in done.items()]
        await _KEEP.run(session, columns("callers keys hashes statuses media_types bodies", kept))
        answers |= {row[:2]: (row[2], done[place]) for place, row in zip(fresh, kept, strict=True)}
    return [_answer_to(one, *answers[one.caller, one.key], again=place not in fresh) for place, one in enumerate(asked)]


def _answer_to(one: Asked, request_hash: bytes, answer: Answer, *, again: bool) -> Answer | KeyReused:
    if one.request_hash != request_hash:
        return KeyReused(key=one.key)
    return replace(answer, replayed=True) if again else answer


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


async def claim(request: Request, session: Transaction, who: Caller, key: Key) -> Claim:
    """Claim the key for this request, waiting for a request with the same key that is under way.

    Raises:
        KeyReused: The key belongs to another content.
        EditedMeanwhile: The request is about an edition that is not the present one (`shared.edition`).
    """
    request_hash = hash_of(request, await request.body())
    claimed = await session.execute(
        insert(IdempotencyRecord)
        .values(caller=who.subject, key=key, request_hash=request_hash)
        .on_conflict_do_nothing()
        .returning(IdempotencyRecord.key)
    )
    if claimed.first():
        await request.app.state.hold_edition(request, session)
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
