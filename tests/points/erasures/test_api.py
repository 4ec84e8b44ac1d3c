"""Personal data stay outside the book; after an erasure nothing of a person is left, and the book still verifies."""

import asyncio
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.points.proof.rules import SealingKey
from shared.clock import CHINA
from shared.database import Database
from tests.ground import Keys, ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, QINGBO, agree, broken, freeze
from tests.points.proof.ground import seal_all
from verifier.__main__ import FITS, main

NAME, PHONE, PLACE = "王小明", "13712345678", "清波街12号"
RESIDENT_ID = uuid.uuid4()
RESIDENT = identity(f"resident:{RESIDENT_ID}", ("resident", QINGBO))
CHILD = identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO))
OFFICIAL = identity("staff:wang", ("official", "330102"))
DESK = identity("staff:li", ("desk", QINGBO))
OTHER_DESK = identity("staff:he", ("desk", DONGJIANG))


def deed(who: uuid.UUID = RESIDENT_ID, activity: str = "volunteering") -> dict[str, Any]:
    return {
        "community_code": QINGBO,
        "activity": activity,
        "reference": uuid.uuid4().hex,
        "resident_id": str(who),
        "quantity": 5,
        "occurred_at": datetime.now(UTC).isoformat(),
        "evidence": {"seen_by": NAME, "phone": PHONE, "place": PLACE},
    }


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service over a community with a rule for each class of points, a deed of each, and a family."""
    client = await start_api("points")
    admin = await asyncpg.connect(client.database.admin)
    await admin.execute("INSERT INTO community VALUES ($1, '清波门社区')", QINGBO)
    await admin.close()
    budget = {"kind": "budget", "community_code": QINGBO, "year": datetime.now(CHINA).year, "points": 1000}
    await agree(client, budget)
    for activity, asset_class in (("volunteering", "service"), ("waste_sorting", "basic"), ("patrol", "service")):
        rule = {
            "kind": "rule",
            "community_code": QINGBO,
            "activity": activity,
            "asset_class": asset_class,
            "points": 10,
        }
        limits = {"per_quantity": 1, "points_max_per_deed": 1000, "effective_from": "2026-01-01T00:00:00+08:00"}
        await agree(client, {**rule, **limits, "needs_verification": activity == "patrol"})  # 待核 holds evidence too
        answer = await client.post("/deeds", DESK, deed(activity=activity))
        assert answer.status_code == 201, answer.text
    invitation = (await client.post("/family/invitations", RESIDENT, {"relation": "child"})).json()
    await client.post("/family/consents", CHILD, {"code": invitation["code"]})
    path = f"/family/bonds/{invitation['bond_id']}/attestation"
    assert (await client.post(path, DESK, {"document": f"户口簿 {NAME}"})).status_code == 201
    return client


async def seal(api: ServiceClient, keys: Keys) -> None:
    points = Database(api.database.app, name="test")
    await seal_all(points, SealingKey(keys.private))
    await points.close()


async def all_there_is(api: ServiceClient, *tables: str) -> str:
    """Return the text of all rows, of some tables or of all."""
    admin = await asyncpg.connect(api.database.admin)
    names = tables or [
        row["tablename"] for row in await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    rows = [row[0] for name in names for row in await admin.fetch(f'SELECT t::text FROM "{name}" AS t')]  # noqa: S608
    await admin.close()
    return "\n".join(rows)


def check(kind: str, content: bytes, folder: Path, keys: Keys) -> int:
    (folder / "key.pem").write_text(keys.public)
    (folder / "file").write_bytes(content)
    return main([kind, str(folder / "file"), "--key", str(folder / "key.pem")])


@pytest.mark.proves("P44")
async def test_after_an_erasure_nothing_of_the_person_is_left_and_the_book_and_its_proofs_still_verify(
    api: ServiceClient, seal_keys: Keys, tmp_path: Path
) -> None:
    await seal(api, seal_keys)
    before = (await api.get(f"/books/{QINGBO}/export", OFFICIAL)).content
    entries = (await api.get("/accounts/me/entries", RESIDENT)).json()
    transfer_id = entries["items"][0]["transfer_id"]
    # While it is there, what is personal stands beside the book and not in it.
    assert NAME in await all_there_is(api)
    book = ("account", "transfer", "entry", "lot", "hold", "refusal", "seal", "outbox")
    exported = before.decode() + (await api.get(f"/books/{QINGBO}/journal", OFFICIAL)).text
    for personal in (NAME, PHONE, PLACE):
        assert personal not in exported + await all_there_is(api, *book)
    erased = await api.post("/accounts/me/erasure", RESIDENT, key="erase-me-1")
    assert (erased.status_code, erased.json()["evidence_erased"], erased.json()["points_to_pool"]) == (201, 3, 50)
    again = await api.post("/accounts/me/erasure", RESIDENT, key="erase-me-1")
    assert again.json() == erased.json()  # trying again erases nothing twice
    rest = await all_there_is(api)
    for personal in (NAME, PHONE, PLACE):
        assert personal not in rest
    assert (await api.get("/family", CHILD)).json() == []
    held = {one["asset_class"]: one["balance"] for one in (await api.get("/accounts/me", RESIDENT)).json()["held"]}
    assert held == {"basic": 50, "service": 0}
    await seal(api, seal_keys)
    after = (await api.get(f"/books/{QINGBO}/export", OFFICIAL)).content
    assert check("book", after, tmp_path, seal_keys) == FITS
    assert check("book", before, tmp_path, seal_keys) == FITS
    proof = (await api.get(f"/books/{QINGBO}/transfers/{transfer_id}/proof", RESIDENT)).content
    assert check("proof", proof, tmp_path, seal_keys) == FITS
    points = Database(api.database.app, name="test")
    async with points.transaction() as session:
        assert await broken(session) == []
    await points.close()


async def test_an_erasure_empties_an_appeal_and_does_not_open_the_way_to_another(api: ServiceClient) -> None:
    points = Database(api.database.app, name="test")
    async with points.transaction() as session:
        await freeze(session, RESIDENT.subject)
    await points.close()
    [frozen] = (await api.get("/freezes", RESIDENT)).json()
    said = f"是我，{NAME}"
    assert (await api.post(f"/freezes/{frozen['id']}/appeal", RESIDENT, {"appeal": said})).json()["appeal"] == said
    assert (await api.post("/accounts/me/erasure", RESIDENT)).status_code == 201
    assert (await api.get("/freezes", RESIDENT)).json()[0]["appeal"] == ""
    assert NAME not in await all_there_is(api)
    assert (await api.post(f"/freezes/{frozen['id']}/appeal", RESIDENT, {"appeal": said})).status_code == 409


async def test_the_desk_erases_for_who_asks_there_and_no_other_desk_does(api: ServiceClient) -> None:
    path = f"/residents/{RESIDENT_ID}/erasure"
    assert (await api.post(path, OTHER_DESK)).status_code == 403
    assert (await api.post(f"/residents/{uuid.uuid4()}/erasure", DESK)).status_code == 403
    assert (await api.post(path, DESK)).json()["points_to_pool"] == 50
    assert json.loads((await api.post(path, DESK)).content)["points_to_pool"] == 0


async def test_the_service_can_empty_evidence_and_change_nothing_else_of_a_deed(api: ServiceClient) -> None:
    app = await asyncpg.connect(api.database.app)
    await app.execute("UPDATE deed SET evidence = '{}'")
    for change in ("UPDATE deed SET points = 1", "UPDATE deed SET resident_id = uuidv7()", "DELETE FROM deed"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(change)
    await app.close()


async def test_of_32_erasures_at_once_the_points_are_given_up_once(api: ServiceClient) -> None:
    answers = await asyncio.gather(*(api.post("/accounts/me/erasure", RESIDENT) for _ in range(32)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum(answer.json()["points_to_pool"] for answer in answers if answer.is_success) == 50
