"""A call is held against what its service describes before it goes on (G12)."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from datetime import datetime, time
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, Field

from gateway.aggregate import aggregate, reachable
from gateway.contract import DEPTH_MAX, Contract, NotJsonError, read_json
from gateway.routes import PREFIX, ROUTES
from shared.pagination import PAGE_SIZE_MAX
from tests.gateway.knock import Door, StartGateway, served
from tests.shape.apps import app_of
from tests.shape.tree import SERVICES

QUOTES, CORRIDORS = "/v1/points/quotes", "/v1/points/corridors"
GOOD: dict[str, Any] = {"points": 10, "note": {"said_at": "2026-01-01T08:00:00+08:00", "kind": "gift"}}


class Note(BaseModel):
    """A part of what is sent."""

    said_at: datetime
    kind: Literal["gift", "loan"]
    opens: time | None = None


class Quote(BaseModel):
    """What is sent."""

    points: Annotated[int, Field(ge=1, le=1000)]
    note: Note
    tags: Annotated[list[str], Field(max_length=3)] = []


class Service:
    """A service that describes itself, and counts what reaches it."""

    def __init__(self) -> None:
        self.reached = 0
        self.app = FastAPI()

        @self.app.post("/quotes")
        async def write(quote: Quote) -> Quote:
            self.reached += 1
            return quote

        @self.app.get("/corridors")
        async def listed(
            page_size: Annotated[int, Query(le=PAGE_SIZE_MAX)] = 50,
            waiting: bool | None = None,  # noqa: FBT001 - a parameter of the query
            kind: Annotated[list[str] | None, Query()] = None,
        ) -> list[Any]:
            self.reached += 1
            return [page_size, waiting, kind]

        @self.app.get("/redemptions/{redemption_id}")
        async def one(redemption_id: uuid.UUID) -> uuid.UUID:
            self.reached += 1
            return redemption_id


@pytest.fixture
async def service() -> Service:
    """Give the service."""
    return Service()


@pytest.fixture
async def checked(service: Service, start_gateway: StartGateway) -> AsyncIterator[Door]:
    """Give a door before it."""
    async with served(service.app) as url:
        yield await start_gateway({"points": url})


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


BODIES = {
    "a field that is not described": {**GOOD, "discount": 1},
    "one deep inside": {**GOOD, "note": {**GOOD["note"], "spare": 1}},
    "another type": {**GOOD, "points": "10"},
    "beyond the limit": {**GOOD, "points": 1001},
    "a number for a truth": {**GOOD, "points": True},
    "no such word": {**GOOD, "note": {**GOOD["note"], "kind": "theft"}},
    "no time": {**GOOD, "note": {**GOOD["note"], "said_at": "yesterday"}},
    "no time of day": {**GOOD, "note": {**GOOD["note"], "opens": "25"}},
    "something left out": {"points": 10},
    "too many": {**GOOD, "tags": ["a"] * 4},
    "a list": [GOOD],
}
TEXTS = {
    "no JSON": b"{",
    "no text": b"\xff\xfe",
    "a member twice": b'{"points": 1, "points": 2}',
    "not a number": b'{"points": NaN}',
    "too deep": b'{"points": ' + nested(DEPTH_MAX) + b"}",
    "half a character": b'{"points": 1, "note": "\\ud800"}',
    "NUL": b'{"points": "\\u0000"}',
    "nothing": b"",
}
QUERIES = {
    "a parameter that is not described": "all=1",
    "no number": "page_size=x",
    "a page that is too long": f"page_size={PAGE_SIZE_MAX + 1}",
    "no truth": "waiting=perhaps",
    "one twice": "page_size=1&page_size=2",
    "no UTF-8": "kind=%ff",
}


@pytest.mark.proves("G12")
async def test_what_does_not_fit_its_description_or_a_limit_reaches_no_service(checked: Door, service: Service) -> None:
    refused = [
        *[(name, 422, await _post(checked, json.dumps(body).encode())) for name, body in BODIES.items()],
        *[(name, 422, await _post(checked, body)) for name, body in TEXTS.items()],
        *[(name, 422, await _get(checked, f"{CORRIDORS}?{query}")) for name, query in QUERIES.items()],
        ("no id", 422, await _get(checked, "/v1/points/redemptions/5")),
        ("another kind", 415, await _post(checked, b"points=1", "application/x-www-form-urlencoded")),
        ("no kind", 415, await _post(checked, b"{}", "")),
        ("a body too large", 413, await _post(checked, b"x" * 1_100_000)),
        ("a URL too long", 414, await _get(checked, f"{CORRIDORS}?kind={'x' * 5000}")),
        ("headers too large", 431, await _get(checked, CORRIDORS, {"X-Big": "x" * 17_000})),
        ("another method", 405, await checked.http.delete(QUOTES, headers=checked.write())),
    ]
    for name, expected, answer in refused:
        assert (name, answer.status_code) == (name, expected)
        assert answer.headers["content-type"] == "application/problem+json"
    for head in AMBIGUOUS:
        said = await _raw(checked, head)
        assert (head, said[:12]) in {(head, b"HTTP/1.1 400"), (head, b"HTTP/1.1 404")}
    assert service.reached == 0
    assert (await _post(checked, json.dumps(GOOD).encode())).status_code == 200
    listed = await _get(checked, f"{CORRIDORS}?page_size=7&waiting=true&kind=a&kind=%E9%82%BB")
    assert listed.json() == [7, True, ["a", "邻"]]
    assert (await _get(checked, f"/v1/points/redemptions/{uuid.uuid4()}")).status_code == 200
    assert service.reached == 3


PATHS = ("/v1/points/../operations/x", "/v1/points//quotes", "/v1/points/redemptions/%2e%2e", "/v1/points/quotes/")
TWICE = ("Content-Length: 2\r\nTransfer-Encoding: chunked", "Content-Length: 2\r\nContent-Length: 3")
AMBIGUOUS = [
    *(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in PATHS),
    *(f"POST {QUOTES} HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n0\r\n\r\n" for headers in TWICE),
]


async def _raw(door: Door, text: str) -> bytes:
    reader, writer = await asyncio.open_connection(door.http.base_url.host, door.http.base_url.port)
    writer.write(text.encode())
    answer = await asyncio.wait_for(reader.read(65_536), 5)
    writer.close()
    return answer


async def _post(door: Door, body: bytes, kind: str = "application/json") -> httpx.Response:
    return await door.http.post(QUOTES, headers={**door.write(), "Content-Type": kind}, content=body)


async def _get(door: Door, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return await door.http.get(path, headers={**door.bearer(), **(headers or {})})


async def test_a_refusal_says_where_and_repeats_nothing_of_what_was_sent(checked: Door) -> None:
    answer = await _post(checked, json.dumps({**GOOD, "points": "11010519491231002X"}).encode())
    assert [each["at"] for each in answer.json()["errors"]] == ["/body/points"]
    assert "11010519491231002X" not in answer.text


async def test_an_allowed_method_is_named(checked: Door) -> None:
    assert (await checked.http.put(QUOTES)).headers["allow"] == "POST"


async def test_what_a_service_has_learnt_since_is_taken(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.description.LOOK_AGAIN_S", 0.0)
    service = Service()
    async with served(service.app) as url:
        door = await start_gateway({"points": url})
        body = json.dumps({**GOOD, "later": 1}).encode()
        assert (await _post(door, body)).status_code == 422
        schema = service.app.openapi()["components"]["schemas"]["Quote"]
        schema["properties"]["later"] = {"type": "integer"}
        assert (await _post(door, body)).status_code == 200


def test_depth_counts_brackets_and_not_those_inside_texts() -> None:
    assert read_json(nested(DEPTH_MAX)) is not None
    assert read_json(json.dumps(["[" * 100, '\\"[[[' * 50]).encode())
    with pytest.raises(NotJsonError):
        read_json(nested(DEPTH_MAX + 1))


def _platform() -> dict[str, Any]:
    described = {service: app_of(service).openapi() for service in (*SERVICES, "console")}
    return aggregate(described, ROUTES, "http://x")


def test_every_operation_of_the_platform_can_be_checked_and_takes_nothing_unnamed() -> None:
    document = _platform()
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        assert path.startswith(PREFIX)
        for operation in methods.values():
            asked = [operation.get("parameters", []), operation.get("requestBody", {})]
            sent = reachable(asked, schemas)
            Contract(path, operation, schemas)
            opened = [name for name, each in sent.items() if each.get("additionalProperties", False) is True]
            assert (path, opened) == (path, [])
            pages = [
                each["schema"] for each in operation.get("parameters", ()) if each["name"] in {"page_size", "limit"}
            ]
            assert all(each["maximum"] <= PAGE_SIZE_MAX for each in pages), path
