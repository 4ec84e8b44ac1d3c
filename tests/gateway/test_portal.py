"""The developer portal: descriptions by audience and by grants, events, keys, usage, sandbox and signature debugger."""

import asyncio
import json
import os
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.console.webhooks.tables import Delivery
from gateway.portal.asyncapi import events
from gateway.portal.debugger import difference, read
from gateway.routes import ROUTES, shape
from shared.database import Database
from shared.identity import Identity
from tests.browser.chromium import Browser, browser, found
from tests.gateway.dialects.test_vectors import DIALECTS, rows, text_of
from tests.gateway.knock import ADMINISTRATORS, PASSWORD, RESIDENT, Door
from tests.gateway.ruling import FREE, application, provincial, put
from tests.ground import identity

FREE_PATH = FREE.split(" ")[1]
DEVELOPER = identity("employee:1-li", ("operator", "330102"))


def _cookie(door: Door, who: Identity) -> dict[str, str]:
    return {"Cookie": f"linli_portal={door.bearer(who)['Authorization'].removeprefix('Bearer ')}"}


async def _page(door: Door, path: str, who: Identity | None = None) -> tuple[int, str]:
    answer = await door.http.get(path, headers=_cookie(door, who) if who else {})
    return answer.status_code, answer.text


def _operations(described: dict[str, Any]) -> set[str]:
    return {f"{method.upper()} {shape(path)}" for path, methods in described["paths"].items() for method in methods}


def test_the_debugger_reads_a_call_as_the_door_does() -> None:
    for dialect in DIALECTS:
        for row in rows(dialect):
            if "twice" in row or "text_latin1" in row or any(c in "".join(row["headers"].values()) for c in "\n\r"):
                continue
            target = row["path"] + (f"?{row['query']}" if row["query"] else "")
            head = "".join(f"{name}: {value}\n" for name, value in row["headers"].items())
            reading = read(f"{row['method']} {target} HTTP/1.1\n{head}")
            if "refused" not in row:
                assert (row["name"], reading.text.encode()) == (row["name"], text_of(row))
            elif row["refused"] == "malformed-call":
                assert (row["name"], bool(reading.refusal), reading.text) == (row["name"], True, "")


def test_the_debugger_says_where_two_strings_part() -> None:
    assert difference("a\nb\n", "a\r\nb\r\n") is None
    parted = difference("GET\n/a b\n", "GET\n/a%20b\n")
    assert parted is not None
    assert (parted.line, parted.column, parted.ours, parted.theirs) == (2, 3, "␣", "%")
    short = difference("GET\n", "GET")
    assert short is not None
    assert (short.line, short.column, short.ours, short.theirs) == (1, 4, "↵", "（结束 end）")


@pytest.mark.parametrize("call", ["", "GET", "/v1/x", "GET /v1/points/deeds", "GET /v1/x\nX-BG-DATE-TIME: x", "\x00"])
def test_what_is_no_signed_call_is_told_so(call: str) -> None:
    assert (bool(read(call).refusal), read(call).text) == (True, "")


async def test_nobody_sees_or_touches_what_is_not_theirs(ruled: Door) -> None:
    await put(ruled, "application", "bins-2", application(developers=[DEVELOPER.subject]))
    path = "/portal/applications/bins-2"
    for who in (None, RESIDENT, identity("employee:1-wang", ("operator", "33"))):
        for page in (path, f"{path}/openapi.json", f"{path}/docs"):
            assert (await _page(ruled, page, who))[0] == 404
        headers = _cookie(ruled, who) if who else {}
        for change in (f"{path}/keys", f"{path}/keys/1/retirement"):
            assert (await ruled.http.post(change, headers=headers)).status_code == 404
    assert (await _page(ruled, "/portal/applications/none", ADMINISTRATORS[0]))[0] == 404
    assert "bins-2" in (await _page(ruled, "/portal", ADMINISTRATORS[0]))[1]
    assert "bins-2" not in (await _page(ruled, "/portal", RESIDENT))[1]
    assert (await _page(ruled, "/openapi/nobody.json"))[0] == 404


async def test_who_does_not_sign_on_rightly_gets_no_session(ruled: Door) -> None:
    for form in ({}, {"username": "li", "password": "no"}, {"token": "x"}, {"token": "x" * 70_000}):
        answer = await ruled.http.post("/portal/session", data=form)
        assert (answer.status_code in {401, 413}, "set-cookie" in answer.headers) == (True, False)
    answer = await ruled.http.post("/portal/session", data={"username": "li", "password": PASSWORD})
    assert answer.status_code == 303
    kept = answer.headers["set-cookie"].lower()
    assert all(each in kept for each in ("httponly", "samesite=strict", "path=/portal", "max-age=3600"))


async def test_what_comes_from_outside_is_shown_as_text(ruled: Door) -> None:
    planted = "<script>alert(1)</script>"
    await put(ruled, "application", "bins-2", application(purpose=planted, owner=planted))
    shown = [(await _page(ruled, f"/portal{path}", ADMINISTRATORS[0]))[1] for path in ("", "/applications/bins-2")]
    form = {"call": f"GET /{planted}\n</textarea>{planted}", "text": planted}
    shown.append((await ruled.http.post("/portal/signatures", data=form)).text)
    assert not any("<script" in page for page in shown)


async def test_a_key_is_made_on_record_or_not_at_all(ruled: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    await put(ruled, "application", "bins-2", application(developers=[DEVELOPER.subject]))
    path, headers = "/portal/applications/bins-2/keys", _cookie(ruled, DEVELOPER)
    made = [await ruled.http.post(path, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in made] == [200, 200, 409]
    assert (await ruled.http.post(f"{path}/2/retirement", headers=headers)).status_code == 303
    assert (await ruled.http.post(f"{path}/{2**63}/retirement", headers=headers)).status_code == 422
    told = [(each["subject"], each["outcome"]) for each in ruled.audit() if each["credential"] == "portal"]
    assert told == [(DEVELOPER.subject, said) for said in ("answered", "answered", "secrets-full", "answered")]
    monkeypatch.setattr("gateway.audit.SPOOL_RECORDS_MAX", 0)
    assert (await ruled.http.post(path, headers=headers)).status_code == 503


@pytest.mark.proves("G18")
async def test_a_developer_sees_deliveries_and_replays_one_of_their_own(ruled: Door) -> None:
    await put(ruled, "application", "bins-2", application(developers=[DEVELOPER.subject]))
    database = Database(ruled.database.app, name="test")
    facts = {"subscription": "told", "type": "operations.provider-listed.v1", "body": "{}"}
    ours, theirs = (Delivery(**facts, application=name, event_id=uuid.uuid4()) for name in ("bins-2", "other"))
    ours.attempts, ours.last_status = 1, 410
    async with database.transaction() as session:
        session.add_all([ours, theirs])
    path, headers = "/portal/applications/bins-2", _cookie(ruled, DEVELOPER)
    _, shown = await _page(ruled, path, DEVELOPER)
    assert "operations.provider-listed.v1" in shown
    assert "given-up<td>1<td>410" in shown
    assert f"{path}/deliveries/{ours.id}/replay" in shown
    assert str(theirs.id) not in shown
    for which, who, status in ((theirs.id, headers, 404), (ours.id, {}, 404), (ours.id, headers, 303)):
        replayed = await ruled.http.post(f"{path}/deliveries/{which}/replay", headers=who)
        assert replayed.status_code == status
    assert "due<td>0<td>" in (await _page(ruled, path, DEVELOPER))[1]
    told = [each["outcome"] for each in ruled.audit() if each["credential"] == "portal"]
    assert told == ["delivery-unseen", "answered"]
    await database.close()


@pytest.mark.proves("G14")
@pytest.mark.browser
async def test_a_developer_finds_descriptions_keys_usage_sandbox_and_both_strings_to_sign(
    whole: Door, tmp_path: Path
) -> None:
    chromium = found()
    if chromium is None:
        pytest.skip("no Chromium to open the pages with")
    whole.http.timeout = httpx.Timeout(60)  # four services describe themselves first, in this process
    while (await whole.http.get("/health/ready")).status_code != 200:  # noqa: ASYNC110 - a door has no event
        await asyncio.sleep(0.1)
    granted = [{"operation": FREE, "prefix": "330102"}]
    await put(whole, "application", "bins-2", application(developers=[DEVELOPER.subject], grants=granted))
    await _described(whole)
    async with browser(chromium, tmp_path) as tab:
        await _signs_on(whole, tab)
        secret = await _keys_and_usage(whole, tab)
        await _try_out(whole, tab)
        await _debugger(whole, tab, secret)
        assert tab.errors == []


async def _described(door: Door) -> None:
    for audience in ("resident", "device", "auditor"):
        described = json.loads((await _page(door, f"/openapi/{audience}.json"))[1])
        open_to = [route for route in ROUTES if audience in route.roles]
        assert _operations(described) == {f"{route.method} {shape(route.template)}" for route in open_to}
    mine = json.loads((await _page(door, "/portal/applications/bins-2/openapi.json", DEVELOPER))[1])
    assert _operations(mine) == {FREE}
    assert "points_AccountView" not in mine["components"]["schemas"]
    told = json.loads((await _page(door, "/asyncapi.json"))[1])
    assert (told["asyncapi"], set(told["components"]["messages"])) == ("3.0.0", {each.type for each in events()})
    catalogue = (await _page(door, "/portal/events"))[1]
    assert all(each.type in catalogue for each in events())


async def _signs_on(door: Door, tab: Browser) -> None:
    await tab.go(f"{door.http.base_url}/portal")
    assert "li resident 330102001051" in await tab.text("body")
    token = door.bearer(DEVELOPER)["Authorization"].removeprefix("Bearer ")
    await tab.fill("input[name=token]", token)
    await tab.click("button")
    assert DEVELOPER.subject in await tab.text("body")
    await tab.click('a[href="/portal/applications/bins-2"]')


async def _keys_and_usage(door: Door, tab: Browser) -> str:
    await tab.click('form[action$="/keys"] button')
    secret = await tab.text("#secret")
    await asyncio.sleep(0.7)
    for _ in range(3):
        headers = provincial("GET", FREE_PATH, "bins-2", secret)
        answer = await door.http.get(FREE_PATH, headers=headers)
        assert answer.json()["type"].endswith("/malformed-request")  # it says not where: it was let in, and counted
    await asyncio.sleep(0.7)
    await tab.click("a")
    shown = await tab.text("body")
    assert ("employee:1-li" in shown, secret in shown) == (True, False)
    assert (await tab.text("#usage")).split()[-1] == "3"
    return secret


async def _try_out(door: Door, tab: Browser) -> None:
    await tab.go(f"{door.http.base_url}/portal/applications/bins-2/docs")
    async with asyncio.timeout(60):
        while not await tab.run("document.querySelectorAll('.opblock').length"):  # noqa: ASYNC110 - a page that renders
            await asyncio.sleep(0.1)
    assert await tab.run("document.querySelectorAll('.opblock').length") == 1


async def _debugger(door: Door, tab: Browser, secret: str) -> None:
    path = f"{FREE_PATH}?b=%E9%82%BB%20%E9%87%8C&a=1"
    headers = provincial("GET", FREE_PATH, "bins-2", secret)
    call = f"GET {path} HTTP/1.1\n" + "".join(f"{name}: {value}\n" for name, value in headers.items())
    right = f"GET\n{FREE_PATH}\na=1&b=%E9%82%BB%20%E9%87%8C\nbins-2\n{headers['X-BG-DATE-TIME']}\n"
    await tab.go(f"{door.http.base_url}/portal/signatures")
    await tab.fill("textarea[name=call]", call)
    await tab.fill("textarea[name=text]", right.replace("a=1&b=%E9%82%BB%20%E9%87%8C", "b=%E9%82%BB+%E9%87%8C&a=1"))
    await tab.click("form[action$=signatures] button")
    assert "第 3 行第 1 个字符不同" in await tab.text("#verdict")
    assert [await tab.text(f"#{side} mark") for side in ("ours", "theirs")] == ["a", "b"]
    sides = await tab.run("['ours', 'theirs'].map(id => document.getElementById(id).getBoundingClientRect().x)")
    assert sides[0] < sides[1]
    if folder := os.environ.get("LINLI_SCREENSHOTS"):
        await tab.photograph(Path(folder) / "signatures.png")
    await tab.fill("textarea[name=text]", right)
    await tab.click("form[action$=signatures] button")
    assert "两个待签名串相同" in await tab.text("#verdict")
    assert (await tab.text("#ours")).replace("↵", "") == right.removesuffix("\n") + "\n"
