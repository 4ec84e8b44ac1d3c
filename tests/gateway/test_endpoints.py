"""What the gateway answers itself."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from gateway.aggregate import aggregate
from gateway.routes import ROUTES
from tests.gateway.knock import Door, StartGateway, metrics, served


class Quote(BaseModel):
    """A name that two services use."""

    worth: int


def _service(path: str, *, is_ready: bool = True) -> FastAPI:
    app = FastAPI()

    @app.post(path)
    async def write(quote: Quote) -> Quote:
        return quote

    @app.get("/internal")
    async def hidden() -> None:
        return None

    if is_ready:

        @app.get("/health/ready", include_in_schema=False)
        async def ready() -> dict[str, str]:
            return {"status": "ready"}

    return app


@pytest.fixture
async def services() -> AsyncIterator[dict[str, str]]:
    """Give two services that use the same name for different things."""
    async with AsyncExitStack() as running:
        points = await running.enter_async_context(served(_service("/quotes")))
        scenarios = await running.enter_async_context(served(_service("/bookings")))
        yield {"points": points, "scenarios": scenarios}


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def test_one_description_shows_what_is_open_and_nothing_else(
    start_gateway: StartGateway, services: dict[str, str]
) -> None:
    door = await start_gateway(services)
    document = (await door.http.get("/openapi.json")).json()
    assert set(document["paths"]) == {"/v1/points/quotes", "/v1/scenarios/bookings"}
    operation = document["paths"]["/v1/points/quotes"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/points_Quote"
    }
    assert {"points_Quote", "scenarios_Quote", "Problem"} <= set(document["components"]["schemas"])
    assert [p["name"] for p in operation["parameters"]] == ["Idempotency-Key", "Linli-Area"]
    assert operation["x-linli-roles"] == ["resident"]
    assert operation["security"][0] == {"bearer": []}
    assert set(operation["security"][1]) < set(document["components"]["securitySchemes"])
    for reference in re.findall(r'"#/components/schemas/([^"]+)"', str(document).replace("'", '"')):
        assert reference in document["components"]["schemas"]


async def test_a_service_that_was_away_is_described_when_it_is_back(
    start_gateway: StartGateway, services: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.description.KEPT_WHILE_INCOMPLETE_S", 0.0)
    app = _service("/communities")
    async with AsyncExitStack() as running:
        stopped = _closed_port()
        door = await start_gateway({**services, "operations": f"http://127.0.0.1:{stopped}"})
        assert "/v1/operations/communities" not in (await door.http.get("/openapi.json")).json()["paths"]
        await running.enter_async_context(served(app, port=stopped))
        assert "/v1/operations/communities" in (await door.http.get("/openapi.json")).json()["paths"]


async def test_the_page_of_the_description_needs_no_network(door: Door) -> None:
    page = await door.http.get("/docs")
    assert page.status_code == 200
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert links
    for link in links:
        assert link.startswith("/docs/")
        assert (await door.http.get(link)).status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert (await door.http.get("/docs/../main.py")).status_code == 404


async def test_ready_means_that_every_service_is(start_gateway: StartGateway, services: dict[str, str]) -> None:
    door = await start_gateway(services)
    assert (await door.http.get("/health/ready")).status_code == 200
    async with served(_service("/x", is_ready=False)) as unready:
        other = await start_gateway({**services, "operations": unready, "away": "http://127.0.0.1:1"})
        answer = await other.http.get("/health/ready")
        assert (answer.status_code, answer.json()["services"]) == (503, ["operations", "away"])
        assert (await other.http.get("/health/live")).status_code == 200


async def test_metrics_name_routes_and_not_what_callers_invent(door: Door) -> None:
    await asyncio.gather(*(door.http.request(method, "/v1/invented/1") for method in ("GET", "PROPFIND")))
    text = metrics()
    assert 'route="unmatched"' in text
    assert "invented" not in text
    assert "PROPFIND" not in text


async def test_what_the_gateway_does_not_have_is_a_problem_in_two_languages(door: Door) -> None:
    for path in ("/nothing", "/v1/nothing", "/v2/points/quotes"):
        answer = await door.http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert {"title", "title_en", "detail", "detail_en", "trace_id"} <= set(answer.json())


async def test_the_front_says_where_to_go_on(door: Door) -> None:
    assert (await door.http.get("/")).json()["docs"] == "/docs"


def test_a_description_of_nothing_is_still_one() -> None:
    document: dict[str, Any] = aggregate({}, ROUTES, "http://x")
    assert (document["openapi"], document["paths"]) == ("3.1.0", {})
