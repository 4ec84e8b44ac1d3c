"""Sign-on through 浙里办 and 浙政钉, against simulators with the same wire format."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest

from gateway.console.main import create_app as create_console
from gateway.routes import EARNING, READING, ROUTES, SETTLING
from tests.gateway.knock import Door, StartGateway, Upstream, served
from tests.gateway.ruling import put
from tests.gateway.simulators import PROVINCE_KEY, PROVINCE_SECRET, province, zhezhengding

COMMUNITY = "330102001051"
NAME, NUMBER, PHONE = "王芳", "11010519491231002X", "13800000000"


def _person(level: int, user: str = "u-1") -> dict[str, Any]:
    info = {"userId": user, "userName": NAME, "idType": "1", "idNo": NUMBER, "phone": PHONE, "authlevel": str(level)}
    return {"userType": "PERSON", "personInfo": info}


def _company(user: str) -> dict[str, Any]:
    info = {
        "userId": user,
        "name": "邻里商贸",
        "unifiedSocialId": "91350100M000100Y43",
        "attnName": NAME,
        "attnPhone": PHONE,
    }
    return {"userType": "LEGAL_PERSON", "legalPersonInfo": info}


PEOPLE = {
    **{f"level-{level}": _person(level) for level in (1, 2, 3)},
    "again": _person(3),
    "neighbour": _person(2, "u-2"),
    "company-a": _company("c-1"),
    "company-b": _company("c-2"),
    "empty": {"userType": "PERSON", "personInfo": {}},
}
EMPLOYEES = {
    "app:known": {"tenantId": 196729, "employeeCode": "GE_1", "accountId": 1, "lastName": NAME},
    "qr:known": {"tenantId": 196729, "employeeCode": "GE_1", "accountId": 1, "lastName": NAME},
    "app:stranger": {"tenantId": 196729, "employeeCode": "GE_2", "accountId": 2, "lastName": NAME},
}


@pytest.fixture
async def signing_on(
    upstream: Upstream, start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Door]:
    """Give a door with both sign-ons."""
    async with (
        served(upstream) as url,
        served(create_console()) as console,
        served(province(PEOPLE), ours=False) as zheliban,
        served(zhezhengding(EMPLOYEES), ours=False) as dingding,
    ):
        known = {"url": zheliban, "app_id": "2001", "access_key": PROVINCE_KEY, "secret": PROVINCE_SECRET}
        monkeypatch.setenv("LINLI_ZHELIBAN", json.dumps(known))
        monkeypatch.setenv(
            "LINLI_ZHEZHENGDING", json.dumps({"url": dingding, "app_key": "AKDEMO", "app_secret": "SKDEMO"})
        )
        services = dict.fromkeys(("points", "scenarios", "operations"), url)
        yield await start_gateway({**services, "console": console})


async def _by_ticket(door: Door, ticket: str) -> httpx.Response:
    return await door.http.post("/auth/zheliban", json={"ticket_id": ticket, "community_code": COMMUNITY})


def _bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}", "Idempotency-Key": "a-key-of-a-test"}


def _claims(answer: httpx.Response) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    return claims


@pytest.mark.proves("G6")
async def test_residents_and_employees_sign_on_and_levels_and_posts_decide_what_they_may(
    signing_on: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    door, subjects = signing_on, set()
    settling = next(route for route in ROUTES if route.level == SETTLING and route.service != "console")
    assert {"POST", "GET"} == {route.method for route in ROUTES if route.level in {READING, EARNING}}
    for level in (1, 2, 3):
        answer = await _by_ticket(door, f"level-{level}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        claims = _claims(answer)
        subjects.add(claims["sub"])
        assert (claims["roles"], claims["level"]) == ([["resident", COMMUNITY]], level)
        read = await door.http.get("/v1/points/accounts/me", headers=_bearer(answer))
        redeem = await door.http.post("/v1/points/redemptions", headers=_bearer(answer))
        assert (level, read.status_code) == (level, 200)
        assert (level, redeem.status_code) == (level, 200 if level >= EARNING else 403)
        if level < EARNING:
            assert (redeem.json()["needed"], redeem.json()["level"]) == (EARNING, level)
    assert len(subjects) == 1
    assert _claims(await _by_ticket(door, "neighbour"))["sub"] not in subjects
    await _employees(door, settling.template)
    assert len({_subject_of_company(await _by_ticket(door, f"company-{one}")) for one in "ab"}) == 2
    written = capsys.readouterr().out + json.dumps(door.audit(), ensure_ascii=False)
    assert not [secret for secret in (NAME, NUMBER, PHONE, "91350100M000100Y43") if secret in written]


def _subject_of_company(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (403, "no-post")
    subject: str = answer.json()["subject"]
    assert subject.startswith("company:")
    return subject


async def _employees(door: Door, settling: str) -> None:
    stranger = await door.http.post("/auth/zhezhengding", json={"code": "stranger"})
    assert (stranger.status_code, stranger.json()["subject"]) == (403, "employee:196729-GE_2")
    await put(door, "post", "employee:196729-GE_1", {"roles": [{"role": "official", "prefix": "330102"}]})
    for body in ({"code": "known"}, {"code": "known", "in_app": False}):
        answer = await door.http.post("/auth/zhezhengding", json=body)
        assert _claims(answer)["roles"] == [["official", "330102"]]
        allowed = await door.http.get("/v1/points/integrity", headers=_bearer(answer))
        settled = await door.http.post(settling, headers=_bearer(answer))
        assert (allowed.status_code, settled.status_code) == (200, 200)


async def test_a_ticket_is_good_once_and_a_bad_one_is_a_401_that_says_what_to_do(signing_on: Door) -> None:
    assert (await _by_ticket(signing_on, "again")).status_code == 200
    for ticket, code in (("again", "C-USER-SSO-TICKET-INVALID"), ("empty", "C-USER-SSO-USER-EMPTY")):
        refused = await _by_ticket(signing_on, ticket)
        assert (refused.status_code, refused.json()["code"]) == (401, code)
    unknown = await signing_on.http.post("/auth/zhezhengding", json={"code": "nobody"})
    assert (unknown.status_code, unknown.json()["code"]) == (401, "40078")


async def test_while_the_province_is_away_nobody_signs_on_and_others_go_on(
    upstream: Upstream, start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = {"url": "http://127.0.0.1:1", "app_id": "2001", "access_key": "a", "secret": "b"}
    monkeypatch.setenv("LINLI_ZHELIBAN", json.dumps(away))
    async with served(upstream) as url:
        door = await start_gateway({"points": url})
        assert (await _by_ticket(door, "x")).status_code == 503
        assert (await door.http.get("/v1/points/accounts/me", headers=door.bearer())).status_code == 200
        absent = await door.http.post("/auth/zhezhengding", json={"code": "x"})
        assert absent.status_code == 404
