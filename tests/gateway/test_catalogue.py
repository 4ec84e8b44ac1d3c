"""Problems: one form everywhere, in two languages, and a page for each type."""

import httpx
import pytest

from shared.problems import MEDIA_TYPE, TYPE_BASE
from tests.contracts.golden import problem_catalogue
from tests.gateway.knock import OFFICIAL, Door, StartGateway

ME, QUOTES = "/v1/points/accounts/me", "/v1/points/quotes"


async def _refused(door: Door, away: Door) -> list[httpx.Response]:
    return [
        await door.http.get(ME),
        await door.http.get(ME, headers={"Authorization": "Bearer x"}),
        await door.http.get(ME, headers=door.bearer(OFFICIAL)),
        await door.http.get("/v1/nowhere", headers=door.bearer()),
        await door.http.get("/nowhere"),
        await door.http.get("/v1/points//x"),
        await door.http.get("/v1/points/corridors?a=" + "x" * 5000),
        await door.http.get(ME, headers={"X-Big": "x" * 17_000}),
        await door.http.post(QUOTES, headers=door.bearer()),
        await door.http.post(QUOTES, headers={**door.write(), "Idempotency-Key": "x"}),
        await door.http.post(QUOTES, headers=door.write(), content=b"x" * (1024 * 1024 + 1)),
        await door.http.get(ME, headers={"Signature-Input": "x"}),
        await door.http.get(ME, headers={"X-Ca-Signature": "x"}),
        await door.http.post("/auth/token", json={"username": "li", "password": "no"}),
        await door.http.post("/auth/token", json={"nobody": 1}),
        await door.http.post("/auth/zheliban", json={"ticket_id": "x", "community_code": "330102001051"}),
        await door.http.delete("/auth/token"),
        await door.http.get("/docs/nothing"),
        await away.http.get(ME, headers=away.bearer()),
        await away.http.get("/health/ready"),
    ]


@pytest.mark.proves("G13")
async def test_every_refusal_is_a_problem_in_two_languages_and_its_type_has_a_page(
    door: Door, start_gateway: StartGateway
) -> None:
    away = await start_gateway({"points": "http://127.0.0.1:1"})
    answers = await _refused(door, away)
    for answer in answers:
        problem = answer.json()
        assert (str(answer.url), answer.headers["content-type"]) == (str(answer.url), MEDIA_TYPE)
        assert {"type", "title", "title_en", "status", "detail", "detail_en", "trace_id"} <= problem.keys()
        assert (problem["status"], problem["type"].startswith(TYPE_BASE)) == (answer.status_code, True)
    listed = (await door.http.get("/problems", headers={"Accept": "application/json"})).json()
    assert listed == problem_catalogue()
    types = {each["type"] for each in listed}
    assert {answer.json()["type"].removeprefix(TYPE_BASE) for answer in answers} <= types
    for each in listed:
        page = await door.http.get(f"/problems/{each['type']}")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert each["title"] in page.text
        data = await door.http.get(f"/problems/{each['type']}", headers={"Accept": "application/json"})
        assert data.json() == each
    front = await door.http.get("/problems")
    assert all(f'href="/problems/{each["type"]}"' in front.text for each in listed)
    assert (await door.http.get("/problems/invented")).status_code == 404
