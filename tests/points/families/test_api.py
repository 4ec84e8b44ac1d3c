"""A family from invitation to the points it shares, and strangers who get none."""

import asyncio
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.points.families.rules import INVITATION_LASTS
from shared.database import Database
from shared.identity import Identity
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, EXPIRES, QINGBO, broken, freeze, grant

DESK = identity("staff:li", ("desk", QINGBO))
OTHER_DESK = identity("staff:he", ("desk", DONGJIANG))


def somebody(community_code: str = QINGBO) -> Identity:
    return identity(f"resident:{uuid.uuid4()}", ("resident", community_code))


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service over two communities."""
    client = await start_api("points")
    admin = await asyncpg.connect(client.database.admin)
    await admin.executemany("INSERT INTO community VALUES ($1, $2)", [(QINGBO, "清波门社区"), (DONGJIANG, "东江社区")])
    await admin.close()
    return client


async def give_points(api: ServiceClient, who: Identity, points: int, **facts: Any) -> None:  # noqa: ANN401 - its own
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        await grant(session, uuid.UUID(who.subject.partition(":")[2]), points, **facts)
    await database.close()


async def invited(api: ServiceClient, who: Identity, relation: str = "child") -> dict[str, Any]:
    answer = await api.post("/family/invitations", who, {"relation": relation})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def bound(api: ServiceClient, one: Identity, other: Identity, relation: str = "child") -> str:
    invitation = await invited(api, one, relation)
    assert (await api.post("/family/consents", other, {"code": invitation["code"]})).status_code == 201
    path = f"/family/bonds/{invitation['bond_id']}/attestation"
    assert (await api.post(path, DESK, {"document": "户口簿"})).json()["state"] == "bound"
    bond_id: str = invitation["bond_id"]
    return bond_id


async def held(api: ServiceClient, who: Identity) -> list[tuple[str, int, str]]:
    account = (await api.get("/accounts/me", who)).json()
    return [
        (each["community_code"], lot["remaining"], lot["expires_on"])
        for each in account["held"]
        for lot in each["lots"]
    ]


def kind(answer: Any) -> tuple[int, str]:  # noqa: ANN401 - a response
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


@pytest.mark.proves("P36")
async def test_a_child_of_another_community_is_invited_consents_is_attested_and_shares(api: ServiceClient) -> None:
    mother, child = somebody(), somebody(DONGJIANG)
    await give_points(api, mother, 100)
    invitation = await invited(api, mother)
    share = {"bond_id": invitation["bond_id"], "community_code": QINGBO, "points": 60}
    assert kind(await api.post("/family/shares", mother, share)) == (409, "family-bond-step-refused")
    consented = (await api.post("/family/consents", child, {"code": invitation["code"]})).json()
    assert (consented["relation"], consented["state"]) == ("parent", "consented")
    # Both agree, and nobody has seen that they are family.
    assert kind(await api.post("/family/shares", mother, share)) == (409, "family-bond-step-refused")
    path = f"/family/bonds/{invitation['bond_id']}/attestation"
    assert (await api.post(path, DESK, {"document": "户口簿"})).json()["state"] == "bound"
    shared = await api.post("/family/shares", mother, share)
    assert (shared.status_code, shared.json()["balance_after"]) == (201, 40)
    assert await held(api, child) == [(QINGBO, 60, EXPIRES.isoformat())]  # as long as before, and of the same book
    assert kind(await api.post("/family/shares", mother, share)) == (409, "not-enough-points")
    assert (await api.post("/family/shares", child, {**share, "points": 10})).status_code == 201
    assert (await api.get("/family", mother)).json() == [
        {"bond_id": invitation["bond_id"], "relation": "child", "state": "bound"}
    ]
    assert (await api.post(f"/family/bonds/{share['bond_id']}/end", child)).json()["state"] == "ended"
    assert kind(await api.post("/family/shares", mother, share)) == (409, "family-bond-step-refused")
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        assert await broken(session) == []
    await database.close()


@pytest.mark.proves("P36")
async def test_strangers_share_nothing(api: ServiceClient) -> None:
    mother, child, stranger = somebody(), somebody(), somebody()
    await give_points(api, mother, 100)
    await give_points(api, stranger, 100)
    bond_id = await bound(api, mother, child)
    share = {"bond_id": bond_id, "community_code": QINGBO, "points": 10}
    assert kind(await api.post("/family/shares", stranger, share)) == (404, "family-bond-unseen")
    assert kind(await api.post("/family/shares", mother, {**share, "bond_id": str(uuid.uuid4())})) == (
        404,
        "family-bond-unseen",
    )
    assert kind(await api.post(f"/family/bonds/{bond_id}/end", stranger)) == (404, "family-bond-unseen")
    assert await held(api, stranger) == [(QINGBO, 100, EXPIRES.isoformat())]
    assert await held(api, mother) == [(QINGBO, 100, EXPIRES.isoformat())]
    # A relative by marriage of a relative is none: a bond reaches no further than the two.
    grandchild = somebody()
    await bound(api, child, grandchild)
    assert [one["relation"] for one in (await api.get("/family", grandchild)).json()] == ["parent"]


async def test_who_is_frozen_shares_nothing(api: ServiceClient) -> None:
    mother, child = somebody(), somebody()
    await give_points(api, mother, 100)
    share = {"bond_id": await bound(api, mother, child), "community_code": QINGBO, "points": 10}
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        await freeze(session, mother.subject)
    await database.close()
    assert kind(await api.post("/family/shares", mother, share)) == (409, "frozen")


async def test_basic_points_are_shared_by_nobody(api: ServiceClient) -> None:
    mother, child = somebody(), somebody()
    await give_points(api, mother, 100, asset_class="basic")
    share = {"bond_id": await bound(api, mother, child), "community_code": QINGBO, "points": 10}
    assert kind(await api.post("/family/shares", mother, share)) == (409, "not-enough-points")


async def test_refusals(api: ServiceClient) -> None:
    mother, child = somebody(), somebody()
    invitation = await invited(api, mother, "spouse")
    code, path = {"code": invitation["code"]}, f"/family/bonds/{invitation['bond_id']}/attestation"
    assert kind(await api.post("/family/consents", mother, code)) == (403, "family-own-invitation")
    assert kind(await api.post("/family/consents", child, {"code": "x" * 22})) == (404, "family-invitation-unseen")
    assert kind(await api.post(path, DESK, {"document": "结婚证"})) == (409, "family-bond-step-refused")
    assert (await api.post("/family/consents", child, code)).status_code == 201
    assert kind(await api.post("/family/consents", somebody(), code)) == (404, "family-invitation-unseen")
    assert kind(await api.post(path, OTHER_DESK, {"document": "结婚证"})) == (403, "out-of-scope")
    relative = identity(mother.subject, ("resident", QINGBO), ("desk", QINGBO))
    assert kind(await api.post(path, relative, {"document": "结婚证"})) == (403, "family-attested-by-relative")
    assert (await api.post(path, DESK, {"document": "结婚证"})).status_code == 201
    again = await invited(api, child, "spouse")
    assert kind(await api.post("/family/consents", somebody(), {"code": again["code"]})) == (
        409,
        "family-related-already",
    )
    far = identity(f"resident:{uuid.uuid4()}", ("resident", "330102001999"))
    assert kind(await api.post("/family/invitations", far, {"relation": "child"})) == (404, "community-unknown")


async def test_an_invitation_is_over_after_a_week_or_when_it_is_taken_back(api: ServiceClient) -> None:
    mother = somebody()
    old, withdrawn = await invited(api, mother), await invited(api, mother)
    assert (await api.post(f"/family/bonds/{withdrawn['bond_id']}/end", mother)).json()["state"] == "ended"
    admin = await asyncpg.connect(api.database.admin)
    week = INVITATION_LASTS + timedelta(seconds=1)
    await admin.execute("UPDATE family_bond SET invited_at = invited_at - $1::interval", week)
    await admin.close()
    for invitation in (old, withdrawn):
        answer = await api.post("/family/consents", somebody(), {"code": invitation["code"]})
        assert kind(answer) == (404, "family-invitation-unseen")


async def test_of_32_who_consent_with_one_code_one_is_meant(api: ServiceClient) -> None:
    code = {"code": (await invited(api, somebody()))["code"]}
    answers = await asyncio.gather(*(api.post("/family/consents", somebody(), code) for _ in range(32)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 404: 31}


async def test_of_32_spouses_at_once_one_is_taken(api: ServiceClient) -> None:
    one = somebody()
    codes = [(await invited(api, somebody(), "spouse"))["code"] for _ in range(32)]
    answers = await asyncio.gather(*(api.post("/family/consents", one, {"code": code}) for code in codes))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 31}


async def test_of_32_shares_at_once_only_as_many_succeed_as_there_are_points_for(api: ServiceClient) -> None:
    mother, child = somebody(), somebody()
    await give_points(api, mother, 100)
    share = {"bond_id": await bound(api, mother, child), "community_code": QINGBO, "points": 10}
    answers = await asyncio.gather(*(api.post("/family/shares", mother, share) for _ in range(32)))
    assert Counter(answer.status_code for answer in answers) == {201: 10, 409: 22}
