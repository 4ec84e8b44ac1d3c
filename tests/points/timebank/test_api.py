"""Hours are given to relatives, donated and left, and to nobody else."""

import asyncio
import uuid
from collections import Counter
from typing import Any

import asyncpg
import pytest

from services.points.timebank.rules import CAP_QUARTERS
from shared.database import Database
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, QINGBO, broken, freeze, grant

ELDER, HEIR, STRANGER = (uuid.uuid4() for _ in range(3))
CROWD = 32
FAR = "330281003012"
DESK = identity("staff:desk", ("desk", QINGBO))
OFFICIAL = identity("staff:wang", ("official", "330102"))
SECOND = identity("staff:lu", ("official", "330102"))
LEFT = {"resident_id": str(ELDER), "community_code": QINGBO}
REPORT = {**LEFT, "document": "死亡证明"}


def me(who: uuid.UUID) -> Any:  # noqa: ANN401 - an identity
    return identity(f"resident:{who}", ("resident", QINGBO))


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service over two communities, and an elder with 20 hours here and 2 there."""
    client = await start_api("points")
    admin = await asyncpg.connect(client.database.admin)
    towns = [(QINGBO, "清波门社区"), (DONGJIANG, "东江社区"), (FAR, "锦凤社区")]
    await admin.executemany("INSERT INTO community VALUES ($1, $2)", towns)
    await admin.close()
    database = Database(client.database.app, name="test")
    async with database.transaction() as session:
        await grant(session, ELDER, 80, asset_class="hours")
        await grant(session, ELDER, 8, asset_class="hours", community_code=DONGJIANG)
    await database.close()
    return client


async def bind(api: ServiceClient) -> str:
    """Bind the elder and its child, and return the bond's id."""
    invited = (await api.post("/family/invitations", me(ELDER), {"relation": "child"})).json()
    await api.post("/family/consents", me(HEIR), {"code": invited["code"]})
    bond_id = str(invited["bond_id"])
    attested = await api.post(f"/family/bonds/{bond_id}/attestation", DESK, {"document": "户口簿"})
    assert attested.status_code == 201
    return bond_id


async def hours(api: ServiceClient, who: uuid.UUID) -> int:
    account = (await api.get("/accounts/me", me(who))).json()
    return sum(each["balance"] for each in account["held"] if each["asset_class"] == "hours")


async def give(api: ServiceClient, who: uuid.UUID, quarters: int, bond_id: str | None = None) -> Any:  # noqa: ANN401
    body = {"community_code": QINGBO, "quarters": quarters}
    if bond_id is None:
        return await api.post("/time-bank/donations", me(who), body)
    return await api.post("/time-bank/gifts", me(who), {**body, "bond_id": bond_id})


def kind(answer: Any) -> tuple[int, str]:  # noqa: ANN401 - a response
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


async def sound(api: ServiceClient) -> bool:
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        found = await broken(session)
    await database.close()
    return found == []


@pytest.mark.proves("P37")
async def test_hours_go_to_bound_relatives_and_to_the_community_and_to_no_stranger(api: ServiceClient) -> None:
    assert kind(await give(api, ELDER, 4, str(uuid.uuid4()))) == (404, "family-bond-unseen")
    bond_id = await bind(api)
    assert kind(await give(api, STRANGER, 4, bond_id)) == (404, "family-bond-unseen")
    given = await give(api, ELDER, 12, bond_id)
    assert (given.status_code, given.json()["balance_after"]) == (201, 68)
    donated = await give(api, ELDER, 8)
    assert (donated.status_code, donated.json()["balance_after"]) == (201, 60)
    assert (await hours(api, ELDER), await hours(api, HEIR)) == (68, 12)
    assert kind(await give(api, ELDER, 61)) == (409, "not-enough-points")
    await api.post(f"/family/bonds/{bond_id}/end", me(HEIR))
    assert kind(await give(api, ELDER, 4, bond_id)) == (409, "family-bond-step-refused")
    assert await sound(api)


async def test_of_32_gifts_at_once_none_takes_the_relative_past_its_cap_and_the_rest_is_donated(
    api: ServiceClient,
) -> None:
    bond_id = await bind(api)
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        await grant(session, HEIR, CAP_QUARTERS - 5, asset_class="hours", community_code=DONGJIANG)
    answers = await asyncio.gather(*(give(api, ELDER, 2, bond_id) for _ in range(CROWD)))
    assert Counter(answer.status_code for answer in answers) == {201: CROWD}
    assert (await hours(api, ELDER), await hours(api, HEIR)) == (88 - 2 * CROWD, CAP_QUARTERS)
    assert await sound(api)
    async with database.transaction() as session:
        await freeze(session, f"resident:{ELDER}")
    await database.close()
    assert kind(await give(api, ELDER, 2, bond_id)) == kind(await give(api, ELDER, 2)) == (409, "frozen")


@pytest.mark.proves("P37")
async def test_hours_that_are_left_go_to_the_heir_by_the_hands_of_two_persons(api: ServiceClient) -> None:
    bond_id = await bind(api)
    assert kind(await api.post("/time-bank/heir", me(STRANGER), {"bond_id": bond_id})) == (404, "family-bond-unseen")
    named = await api.post("/time-bank/heir", me(ELDER), {"bond_id": bond_id})
    assert (named.status_code, named.json()["heir_bond_id"]) == (201, bond_id)
    assert kind(await api.post("/time-bank/legacies/execution", SECOND, LEFT)) == (404, "legacy-unseen")
    assert kind(await api.post("/time-bank/legacies", me(HEIR), REPORT)) == (403, "out-of-scope")
    assert (await api.post("/time-bank/legacies", OFFICIAL, REPORT)).status_code == 201
    assert kind(await api.post("/time-bank/legacies", DESK, REPORT)) == (409, "legacy-elsewhere")
    assert kind(await api.post("/time-bank/heir", me(ELDER), {"bond_id": None})) == (409, "legacy-elsewhere")
    assert kind(await api.post("/time-bank/legacies/execution", OFFICIAL, LEFT)) == (403, "own-legacy")
    assert kind(await api.post("/time-bank/legacies/execution", DESK, LEFT)) == (403, "out-of-scope")
    done = await asyncio.gather(*(api.post("/time-bank/legacies/execution", SECOND, LEFT) for _ in range(CROWD)))
    assert Counter(answer.status_code for answer in done) == {201: 1, 409: CROWD - 1}
    assert [answer.json()["quarters"] for answer in done if answer.status_code == 201] == [88]
    assert (await hours(api, ELDER), await hours(api, HEIR)) == (0, 88)
    assert await sound(api)


@pytest.mark.proves("P37")
async def test_hours_without_an_heir_and_past_its_cap_go_to_the_communities(api: ServiceClient) -> None:
    bond_id = await bind(api)
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        await grant(session, HEIR, CAP_QUARTERS - 85, asset_class="hours")
    await api.post("/time-bank/heir", me(ELDER), {"bond_id": bond_id})
    await api.post("/time-bank/legacies", DESK, REPORT)
    assert (await api.post("/time-bank/legacies/execution", OFFICIAL, LEFT)).json()["quarters"] == 88
    assert (await hours(api, ELDER), await hours(api, HEIR)) == (0, CAP_QUARTERS)
    async with database.transaction() as session:
        await grant(session, STRANGER, 3, asset_class="hours")
    await database.close()
    alone = {"resident_id": str(STRANGER), "community_code": QINGBO}
    assert (await api.post("/time-bank/legacies", DESK, {**alone, "document": "死亡证明"})).status_code == 201
    assert (await api.post("/time-bank/legacies/execution", OFFICIAL, alone)).json()["quarters"] == 3
    assert await hours(api, STRANGER) == 0
    assert await sound(api)


async def test_staff_of_a_community_that_knows_nothing_of_a_resident_do_not_report_its_death(
    api: ServiceClient,
) -> None:
    """The hours of all books would go by the hands of two who look after none of them."""
    far = {**REPORT, "community_code": FAR}
    assert kind(await api.post("/time-bank/legacies", identity("staff:far", ("desk", FAR)), far)) == (
        403,
        "out-of-scope",
    )
    admin = await asyncpg.connect(api.database.admin)
    assert await admin.fetchval("SELECT count(*) FROM hours_legacy") == 0
    await admin.close()
    await api.post("/time-bank/heir", identity(f"resident:{ELDER}", ("resident", FAR)), {"bond_id": None})
    assert (await api.post("/time-bank/legacies", identity("staff:far", ("desk", FAR)), far)).status_code == 201


async def test_erasure_forgets_who_inherits(api: ServiceClient) -> None:
    bond_id = await bind(api)
    await api.post("/time-bank/heir", me(ELDER), {"bond_id": bond_id})
    assert (await api.post("/accounts/me/erasure", me(ELDER))).json()["points_to_pool"] == 88
    admin = await asyncpg.connect(api.database.admin)
    assert await admin.fetchval("SELECT count(*) FROM hours_legacy") == 0
    await admin.close()
