"""What people and organisations say of themselves is compared with what the province's platform knows."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from gateway.console.verification import carry_out, rules
from gateway.console.verification.carry_out import Checks
from gateway.console.verification.client import DataSharing, Settings
from shared.database import Database
from tests.gateway.knock import RESIDENT, Door, served
from tests.gateway.simulators import DataSharing as Platform
from tests.ground import identity

KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
HERE = "330102001051"
DESK = identity("staff:li", ("desk", HERE))
ELSEWHERE = identity("staff:wang", ("desk", "330281002015"))
PERSON, ABSENT = "11010519491231002X", "320311198001010013"
COMPANY, CLOSED = "91350100M000100Y43", "91330102MA2H00001L"
PATH = "/v1/console/checks"


def _platform() -> Platform:
    return Platform(
        people=[{"CZRKGMSFHM": PERSON, "CZRKXM": "韦大友", "CZRKSSSSXQ": "330102"}],
        companies=[
            {"tyxydm": COMPANY, "qydwmc": "便利店", "zt": "正常"},
            {"tyxydm": CLOSED, "qydwmc": "餐馆", "zt": "注销"},
        ],
    )


@asynccontextmanager
async def working(door: Door, platform: Platform | None) -> AsyncIterator[tuple[Checks, Database]]:
    """Give what the worker carries checks out by."""
    database = Database(door.database.app, name="test", pool_size=8)
    if platform is None:
        yield Checks(KEY, None), database
    else:
        async with served(platform.app(), ours=False) as url:
            yield Checks(KEY, DataSharing(Settings.model_validate(platform.settings(url)))), database
    await database.close()


async def _ask(door: Door, kind: str, name: str, number: str, **changed: object) -> httpx.Response:
    body = {"kind": kind, "community_code": HERE, "name": name, "number": number, "purpose": "志愿者登记"}
    return await door.http.post(PATH, headers=door.write(DESK), json={**body, "consented": True, **changed})


async def _asked(door: Door, kind: str, name: str, number: str) -> str:
    answer = await _ask(door, kind, name, number)
    assert answer.status_code == 201, answer.text
    check_id: str = answer.json()["id"]
    return check_id


async def _read(door: Door, check_id: str) -> dict[str, Any]:
    answer = await door.http.get(f"{PATH}/{check_id}", headers=door.bearer(DESK))
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


@pytest.mark.proves("G17")
async def test_residence_and_social_credit_code_are_checked_with_the_province_and_stay_on_record(ruled: Door) -> None:
    platform, elsewhere = _platform(), {"community_code": HERE}
    platform.people.append({"czrkgmsfhm": ABSENT, "czrkxm": "李四", "czrkssssxq": "320311"})
    wanted = {
        ("residence", "韦大友", PERSON): "confirmed",
        ("residence", "韦小友", PERSON): "not-found",
        ("residence", "李四", ABSENT): "elsewhere",
        ("organisation", "便利店", COMPANY): "confirmed",
        ("organisation", "餐馆", CLOSED): "not-operating",
        ("organisation", "别家", COMPANY): "not-found",
    }
    ids = {claim: await _asked(ruled, *claim) for claim in wanted}
    async with working(ruled, platform) as (checks, database):
        await checks.run(database)
    assert {claim: (await _read(ruled, check_id))["result"] for claim, check_id in ids.items()} == wanted
    assert (len(platform.asked), len(platform.secrets)) == (6, 1)
    view = await _read(ruled, ids["residence", "韦大友", PERSON])
    assert view.items() >= {**elsewhere, "about": "*大友 1****************X", "purpose": "志愿者登记"}.items()
    assert (view["asked_by"], view["due_at"], bool(view["request_id"])) == ("staff:li", None, True)
    kept = await asyncpg.connect(ruled.database.app)
    assert await kept.fetchval("SELECT count(*) FROM verification WHERE sealed IS NOT NULL") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await kept.execute("DELETE FROM verification")
    await kept.close()
    listed = await ruled.http.get(PATH, headers=ruled.bearer(DESK), params={"area": HERE, "page_size": 5})
    rest = {"area": HERE, "page_size": 5, "cursor": listed.json()["next_cursor"]}
    more = (await ruled.http.get(PATH, headers=ruled.bearer(DESK), params=rest)).json()["items"]
    assert {each["id"] for each in [*listed.json()["items"], *more]} == set(ids.values())


async def test_a_platform_that_is_away_is_asked_again_and_given_up_after_a_day(
    ruled: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "TRY_AGAIN_AFTER", (timedelta(0),) * 3)
    platform = _platform()
    async with working(ruled, platform) as (checks, database):
        platform.faults = [(500, "99"), (200, "99")]
        answered = await _asked(ruled, "organisation", "便利店", COMPANY)
        await checks.run(database)
        # After each fault the secret is renewed: it may be that it was no longer taken.
        assert ((await _read(ruled, answered))["result"], len(platform.secrets)) == ("confirmed", 3)
        platform.faults = [(503, "00")] * 4
        given_up = await _asked(ruled, "organisation", "便利店", COMPANY)
        await checks.run(database)
        view = await _read(ruled, given_up)
        assert (view["attempts"], view["result"], view["due_at"]) == (4, None, None)
        platform.faults = [(200, "97")]
        refused = await _asked(ruled, "organisation", "便利店", COMPANY)
        await checks.run(database)
        assert (await _read(ruled, refused)).items() >= {"attempts": 1, "last_fault": "code 97"}.items()


async def test_a_secret_that_is_about_to_end_is_renewed(ruled: Door) -> None:
    platform = _platform()
    platform.secret_lasts_s = 30
    async with working(ruled, platform) as (checks, database):
        for _ in range(2):
            await _asked(ruled, "organisation", "便利店", COMPANY)
            await checks.run(database)
    assert len(platform.secrets) == 2


async def test_what_the_platform_answers_beside_the_agreement_is_a_fault(ruled: Door) -> None:
    platform = _platform()
    platform.companies, platform.request_id = [{"tyxydm": COMPANY}], int
    async with working(ruled, platform) as (checks, database):
        check_id = await _asked(ruled, "organisation", "便利店", COMPANY)
        await checks.run(database)
    view = await _read(ruled, check_id)
    assert (view["result"], view["request_id"]) == ("not-found", "1")


async def test_without_a_platform_a_check_is_given_up_and_says_why(ruled: Door) -> None:
    check_id = await _asked(ruled, "residence", "韦大友", PERSON)
    async with working(ruled, None) as (checks, database):
        await checks.run(database)
    view = await _read(ruled, check_id)
    assert (view["due_at"], view["result"], view["last_fault"]) == (None, None, carry_out.NOT_CONNECTED)


async def test_many_workers_at_once_ask_for_each_check_once(ruled: Door) -> None:
    platform = _platform()
    ids = [await _asked(ruled, "organisation", "便利店", COMPANY) for _ in range(12)]
    async with working(ruled, platform) as (checks, database):
        await asyncio.gather(*(checks.run(database) for _ in range(32)))
    assert len(platform.asked) == len(ids)
    assert {(await _read(ruled, check_id))["attempts"] for check_id in ids} == {1}


async def test_what_cannot_be_is_refused_before_anybody_is_asked(ruled: Door) -> None:
    wrong = await _ask(ruled, "residence", "韦大友", "110105194912310021")
    assert (wrong.status_code, wrong.json()["type"].rpartition("/")[2]) == (422, "id-number-invalid")
    assert "110105194912310021" not in wrong.text
    wrong = await _ask(ruled, "organisation", "便利店", "91350100M000100Y44")
    assert (wrong.status_code, wrong.json()["type"].rpartition("/")[2]) == (422, "social-credit-code-invalid")
    assert (await _ask(ruled, "residence", "韦大友", PERSON, consented=False)).status_code == 422
    assert (await _ask(ruled, "residence", "韦大友", PERSON, community_code="330281002015")).status_code == 403


async def test_a_check_is_seen_in_its_own_area_alone(ruled: Door) -> None:
    check_id = await _asked(ruled, "organisation", "便利店", COMPANY)
    for who, path, status in (
        (ELSEWHERE, f"{PATH}/{check_id}", 404),
        (DESK, f"{PATH}/{uuid.uuid4()}", 404),
        (RESIDENT, f"{PATH}/{check_id}", 403),
        (ELSEWHERE, f"{PATH}?area={HERE}", 403),
    ):
        assert (await ruled.http.get(path, headers=ruled.bearer(who))).status_code == status
    auditor = identity("auditor:1", ("auditor", "33"))
    assert (await ruled.http.get(f"{PATH}/{check_id}", headers=ruled.bearer(auditor))).status_code == 200


def test_a_check_is_tried_for_a_day() -> None:
    pauses = [rules.pause_after(attempts) for attempts in range(1, 8)]
    assert pauses[-1] is None
    assert timedelta(hours=24) <= sum((pause for pause in pauses if pause), timedelta()) < timedelta(hours=26)
