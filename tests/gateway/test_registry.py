"""Applications: registered by two persons, on the shelf, with grants; two secrets; rotation without a failed call."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gateway.audit import Audit
from gateway.sealing import seal, unseal
from gateway.snapshot import Configuration
from shared.database import Database
from tests.gateway.knock import ADMINISTRATORS, OFFICIAL, Door, Upstream
from tests.gateway.ruling import DEEDS, FREE, application, decide, propose, provincial, put, secret_of

DEEDS_PATH = DEEDS.split(" ")[1]
FREE_PATH = FREE.split(" ")[1]


async def _read(door: Door, secret: str, name: str = "bins-2") -> int:
    answer = await door.http.get(FREE_PATH, headers=provincial("GET", FREE_PATH, name, secret))
    return answer.status_code


@pytest.mark.proves("G1")
async def test_an_application_calls_only_while_two_persons_have_put_it_on_the_shelf(
    ruled: Door, upstream: Upstream
) -> None:
    for kind in ("government", "operator", "merchant", "device", "mini-app"):
        proposed = await propose(ruled, "application", f"one-{kind}", application(kind=kind, shelf="catalogued"))
        assert proposed.status_code == 201
    alone = await propose(ruled, "application", "bins-2", application(shelf="catalogued"))
    change_id = alone.json()["id"]
    assert (await decide(ruled, change_id, who=0)).json()["type"].endswith("/second-person-required")
    assert (
        await ruled.http.get("/v1/console/settings/application", headers=ruled.bearer(ADMINISTRATORS[0]))
    ).json() == []
    assert (await decide(ruled, change_id)).status_code == 200
    secret = await secret_of(ruled, "bins-2")
    assert await _read(ruled, secret) == 401
    await put(ruled, "application", "bins-2", application(shelf="published"))
    assert await _read(ruled, secret) == 401
    await put(ruled, "application", "bins-2", application())
    assert await _read(ruled, secret) == 200
    await put(ruled, "application", "bins-2", application(expires_at="2020-01-01T00:00:00Z"))
    assert await _read(ruled, secret) == 401
    await put(ruled, "application", "bins-2", application(shelf="off-shelf"))
    assert await _read(ruled, secret) == 401
    assert len([seen for seen in upstream.seen if seen.path == "/spaces"]) == 1
    [kept] = (await ruled.http.get("/v1/console/settings/application", headers=ruled.bearer(ADMINISTRATORS[0]))).json()
    assert {"owner", "purpose", "expires_at", "shelf"} <= kept["document"].keys()


@pytest.mark.proves("G2")
async def test_a_secret_is_rotated_without_a_failed_call(ruled: Door) -> None:
    await put(ruled, "application", "bins-2", application())
    old = await secret_of(ruled, "bins-2")
    using, failed, done = [old], [], asyncio.Event()

    async def call() -> None:
        while not done.is_set():
            status = await _read(ruled, using[0])
            if status != 200:
                failed.append(status)

    callers = [asyncio.create_task(call()) for _ in range(4)]
    new = await secret_of(ruled, "bins-2")
    full = await ruled.http.post("/v1/console/applications/bins-2/secrets", headers=ruled.write(ADMINISTRATORS[0]))
    assert full.json()["type"].endswith("/secrets-full")
    using[0] = new
    await asyncio.sleep(0.2)
    gone = await ruled.http.post(
        "/v1/console/applications/bins-2/secrets/1/retirement", headers=ruled.write(ADMINISTRATORS[0])
    )
    assert gone.status_code == 204
    await asyncio.sleep(0.7)
    done.set()
    await asyncio.gather(*callers)
    assert failed == []
    assert await _read(ruled, old) == 401
    shown = await ruled.http.get("/v1/console/applications/bins-2/secrets", headers=ruled.bearer(ADMINISTRATORS[0]))
    assert [each["place"] for each in shown.json()] == [2]
    await _nowhere_to_be_read(ruled, [old, new], shown.text)


async def _nowhere_to_be_read(door: Door, secrets: list[str], shown: str) -> None:
    connection = await asyncpg.connect(door.database.admin)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    kept = [str(await connection.fetch(f'TABLE "{table[0]}"')) for table in tables]
    await connection.close()
    kept += [path.read_text("utf-8") for path in door.audit_dir.iterdir()]
    for secret in secrets:
        assert secret not in shown
        assert not [text for text in kept if secret in text]


async def test_no_secret_comes_to_the_logs(ruled: Door, capsys: pytest.CaptureFixture[str]) -> None:
    await put(ruled, "application", "bins-2", application())
    secret = await secret_of(ruled, "bins-2")
    await _read(ruled, secret)
    assert secret not in capsys.readouterr().out


def test_a_sealed_secret_opens_only_with_its_key_in_its_place() -> None:
    key = bytes(16)
    sealed = seal(key, "a secret", application="bins", place=1)
    assert b"a secret" not in sealed
    assert unseal(key, sealed, application="bins", place=1) == "a secret"
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for other in ((bytes(15) + b"1", sealed, "bins", 1), (key, sealed, "other", 1), (key, sealed, "bins", 2)):
        _refused(*other)
    _refused(key, altered, "bins", 1)


def _refused(key: bytes, sealed: bytes, application: str, place: int) -> None:
    with pytest.raises(ValueError, match="LINLI_REGISTRY_KEY"):
        unseal(key, sealed, application=application, place=place)


async def test_a_grant_opens_one_operation_in_one_area_for_a_time_and_nothing_else(
    ruled: Door, upstream: Upstream
) -> None:
    past, later = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
    grants = [
        {"operation": DEEDS, "prefix": "330102", "until": past},
        {"operation": FREE, "prefix": "330102001", "until": later},
    ]
    await put(ruled, "application", "bins-2", application(grants=grants))
    secret = await secret_of(ruled, "bins-2")
    assert await _read(ruled, secret) == 200
    [seen] = [one for one in upstream.seen if one.path == "/spaces"]
    claims = json.loads(_payload(seen.headers["linli-identity"]))
    assert (claims["sub"], claims["roles"]) == ("application:bins-2", [["device", "330102001"]])
    for method, path in (("POST", DEEDS_PATH), ("GET", "/v1/scenarios/activities")):
        headers = {**provincial(method, path, "bins-2", secret), "Idempotency-Key": "a-key-of-a-test"}
        refused = await ruled.http.request(method, path, headers=headers)
        assert (refused.status_code, refused.json()) == (401, {"message": "The route_id is forbidden."})


def _payload(token: str) -> bytes:
    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def test_only_administrators_change_what_is_in_force_and_only_what_fits(ruled: Door) -> None:
    body: dict[str, Any] = {"kind": "application", "name": "bins-2", "document": application(), "reason": "试点"}
    refused = await ruled.http.post("/v1/console/changes", headers=ruled.write(OFFICIAL), json=body)
    assert refused.status_code == 403
    unfit: tuple[dict[str, Any], ...] = (
        {"document": application(grants=[{"operation": "POST /v1/nowhere", "prefix": "33"}])},
        {"document": application(shelf="sold")},
        {"document": {**application(), "more": 1}},
        {"document": {}},
        {"kind": "switch", "name": "read-write", "document": {"stopped": True}},
        {"name": "Bins 2"},
        {"reason": ""},
    )
    for changed in unfit:
        answer = await ruled.http.post(
            "/v1/console/changes", headers=ruled.write(ADMINISTRATORS[0]), json={**body, **changed}
        )
        assert (answer.status_code, changed) == (422, changed)


async def test_of_two_who_propose_at_once_one_is_told_that_the_other_waits(ruled: Door) -> None:
    answers = await asyncio.gather(
        *(propose(ruled, "application", "bins-2", application(purpose=f"用途 {n}")) for n in range(32))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 31
    waiting = next(answer for answer in answers if answer.status_code == 201).json()["id"]
    decided = await asyncio.gather(*(decide(ruled, waiting) for _ in range(32)))
    assert sorted(answer.status_code for answer in decided) == [200] + [409] * 31


async def test_a_change_shows_what_it_changes_and_is_taken_back_by_two_as_well(ruled: Door) -> None:
    await put(ruled, "application", "bins-2", application())
    changed = await put(ruled, "application", "bins-2", application(purpose="别的用途"))
    path = "/v1/console/changes"
    page = (await ruled.http.get(path, headers=ruled.bearer(ADMINISTRATORS[0]), params={"page_size": 1})).json()
    [last] = page["items"]
    assert last["difference"] == {"purpose": ["智能垃圾分类箱上报", "别的用途"]}
    assert (last["proposed_by"], last["decided_by"]) == ("administrator:1", "administrator:2")
    back = await ruled.http.post(
        f"{path}/{changed}/reversal", headers=ruled.write(ADMINISTRATORS[0]), json={"reason": "有误"}
    )
    assert (await decide(ruled, back.json()["id"])).status_code == 200
    again = await ruled.http.post(
        f"{path}/{changed}/reversal", headers=ruled.write(ADMINISTRATORS[0]), json={"reason": "有误"}
    )
    assert again.json()["type"].endswith("/change-needless")
    params = {"page_size": 1, "cursor": page["next_cursor"]}
    older = (await ruled.http.get(path, headers=ruled.bearer(ADMINISTRATORS[0]), params=params)).json()
    assert [item["difference"].get("purpose", [None])[0] for item in older["items"]] == [None]


async def test_what_the_audit_was_not_told_of_is_not_in_force(ruled: Door, tmp_path: Path) -> None:
    await put(ruled, "application", "bins-2", application())
    await put(ruled, "application", "bins-2", application(purpose="别的用途"))
    audit, database = Audit(tmp_path / "its-own"), Database(ruled.database.app, name="snapshot")
    configuration = Configuration(database, bytes(16), [], audit)
    connection = await asyncpg.connect(ruled.database.admin)
    await connection.execute("ALTER TABLE change RENAME TO away")
    await configuration.try_to_look()
    assert (configuration.current.revision, list(audit.folder.iterdir())) == (0, [])
    await connection.execute("ALTER TABLE away RENAME TO change")
    await configuration.try_to_look()
    [told] = audit.folder.iterdir()
    assert ("bins-2" in configuration.current.applications, told.read_text().count('"kind": "change"')) == (True, 2)
    await connection.close()
    await database.close()
