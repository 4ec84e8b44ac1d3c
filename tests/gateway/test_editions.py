"""Edits of one edition, pages by a cursor, writes by a key, through the door to a real service (G26)."""

import asyncio
import base64
from typing import Any

import httpx
import pytest

from shared.edition import edited
from shared.pagination import encode_cursor
from tests.gateway.knock import OFFICIAL, Door

QINGBOMEN = "330102001051"
COMMUNITIES = "/v1/operations/communities"
ONE = f"{COMMUNITIES}/{QINGBOMEN}"
CROWD = 32


def profile(households: int) -> dict[str, Any]:
    return {
        "project_type": "integrated",
        "tier": "basic",
        "population": 9000,
        "households": households,
        "area_m2": 500_000,
    }


async def _edit(door: Door, households: int, condition: str | None, path: str = f"{ONE}/profile") -> httpx.Response:
    headers = door.write(OFFICIAL) | ({"If-Match": condition} if condition else {})
    return await door.http.post(path, headers=headers, json=profile(households))


async def _tag(door: Door) -> str:
    return str((await door.http.get(ONE, headers=door.bearer(OFFICIAL))).headers["etag"])


@pytest.mark.proves("G26")
async def test_edits_take_an_edition_lists_an_opaque_cursor_and_writes_a_key(whole: Door) -> None:
    registered = await whole.http.post(COMMUNITIES, headers=whole.write(OFFICIAL), json={"code": QINGBOMEN})
    assert registered.status_code == 201
    await _edits(whole)
    await _of_a_crowd_with_one_edition_one_edits(whole)
    await _cursors(whole)
    await _keys(whole)


async def _edits(door: Door) -> None:
    first = await _tag(door)
    assert (await _edit(door, 3000, first)).status_code == 201
    late = await _edit(door, 3001, first)
    assert (late.status_code, late.json()["type"].rsplit("/")[-1]) == (412, "edited-meanwhile")
    second = await _tag(door)
    assert second != first
    unchanged = await door.http.get(ONE, headers={**door.bearer(OFFICIAL), "If-None-Match": f'"x", {second}'})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", second)
    anew = await door.http.get(ONE, headers={**door.bearer(OFFICIAL), "If-None-Match": first})
    assert (anew.status_code, anew.json()["profile"]["households"]) == (200, 3000)
    assert (await _edit(door, 3002, f'"x", {second}')).status_code == 201
    assert (await _edit(door, 3003, "*")).status_code == 201
    assert (await _edit(door, 3004, None)).status_code == 201
    unknown = f"{COMMUNITIES}/330102001999/profile"
    assert (await _edit(door, 1, "*", unknown)).status_code == 412
    assert (await _edit(door, 1, None, unknown)).status_code != 412
    # What makes something new edits nothing, and says so rather than take a condition that it would not weigh.
    new = await door.http.post(COMMUNITIES, headers={**door.write(OFFICIAL), "If-Match": "*"}, json={"code": QINGBOMEN})
    assert (new.status_code, new.json()["errors"][0]["at"]) == (422, "/header/If-Match")


async def _of_a_crowd_with_one_edition_one_edits(door: Door) -> None:
    seen = await _tag(door)
    answers = await asyncio.gather(*(_edit(door, 4000 + each, seen) for each in range(CROWD)))
    assert sorted(answer.status_code for answer in answers) == [201] + [412] * (CROWD - 1)
    [done] = [answer for answer in answers if answer.status_code == 201]
    assert (await door.http.get(ONE, headers=door.bearer(OFFICIAL))).json() == done.json()


async def _cursors(door: Door) -> None:
    codes, cursor = [], ""
    for _ in range(3):
        page = await door.http.get(f"{COMMUNITIES}?area=330102&page_size=7{cursor}", headers=door.bearer(OFFICIAL))
        codes += [each["code"] for each in page.json()["items"]]
        cursor = f"&cursor={page.json()['next_cursor']}"
    assert (len(codes), codes) == (21, sorted(set(codes)))
    for forged in ("x", "%2e", encode_cursor(1), encode_cursor("x"), base64.urlsafe_b64encode(b"[").decode()):
        answer = await door.http.get(f"{COMMUNITIES}?cursor={forged}", headers=door.bearer(OFFICIAL))
        assert (forged, answer.status_code) == (forged, 422)


async def _keys(door: Door) -> None:
    described = (await door.http.get("/openapi.json")).json()["paths"]
    writes = [(path, method) for path, methods in described.items() for method in methods if method != "get"]
    for path, method in writes:
        asked = {each["name"]: each for each in described[path][method]["parameters"] if each["in"] == "header"}
        assert asked["Idempotency-Key"]["required"], path
    keyless = await door.http.post(COMMUNITIES, headers=door.bearer(OFFICIAL), json={"code": QINGBOMEN})
    assert (keyless.status_code, keyless.json()["type"].rsplit("/")[-1]) == (400, "idempotency-key-required")
    assert len(writes) > 100


def test_a_write_edits_the_nearest_thing_with_an_id_that_can_be_read() -> None:
    readable = {"/a", "/a/{id}", "/a/{id}/b", "/c/{id}"}.__contains__
    assert edited("/a/{id}/b", readable) == "/a/{id}/b"
    assert edited("/a/{id}/b/c", readable) == "/a/{id}/b"
    assert edited("/a/{id}/d", readable) == "/a/{id}"
    assert edited("/a", readable) is None
    assert edited("/c/{id}/d/{other}", readable) == "/c/{id}"
    assert edited("/d/{id}", readable) is None
