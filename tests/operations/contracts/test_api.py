"""Contracts over HTTP."""

import uuid

import pytest

from tests.ground import ServiceClient, identity
from tests.operations.ground import (
    DONGJIANG,
    JINFENG,
    RESIDENT,
    SHANGCHENG_OFFICIAL,
    YUYAO_OFFICIAL,
    register_over_http,
)


def proposal(provider_id: object, **changes: object) -> dict[str, object]:
    return {
        "community_code": DONGJIANG,
        "provider_id": str(provider_id),
        "period": "2026-11",
        "kpi": {"measure": "points_redeemed", "target": 100},
        **changes,
    }


async def test_a_fresh_contract_has_no_data_which_is_not_100_percent(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    sealed = await api.post("/contracts", YUYAO_OFFICIAL, proposal(provider_id))
    assert sealed.status_code == 201
    body = sealed.json()
    assert (body["period"], len(body["seal"])) == ("2026-11", 64)
    assert body["kpi"] == {
        "measure": "points_redeemed",
        "target": 100,
        "measured": None,
        "ratio": None,
        "state": "no_data",
    }
    assert (await api.get(f"/contracts/{body['id']}", YUYAO_OFFICIAL)).json() == body


async def test_a_contract_shows_to_its_areas_staff_and_its_provider_only(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    contract_id = (await api.post("/contracts", YUYAO_OFFICIAL, proposal(provider_id))).json()["id"]
    for who, status in (
        (identity("staff:zhou", ("desk", DONGJIANG)), 200),
        (identity("staff:wu", ("operator", "330281")), 200),
        (identity(f"merchant:{provider_id}", ("merchant", DONGJIANG)), 200),
        (identity(f"merchant:{uuid.uuid4()}", ("merchant", DONGJIANG)), 403),
        (SHANGCHENG_OFFICIAL, 403),
        (RESIDENT, 403),
    ):
        assert (await api.get(f"/contracts/{contract_id}", who)).status_code == status


async def test_only_an_official_of_the_area_seals(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    for who in (SHANGCHENG_OFFICIAL, RESIDENT, identity("staff:wu", ("operator", "330281"))):
        assert (await api.post("/contracts", who, proposal(provider_id))).status_code == 403


async def test_each_refusal_says_what_is_wrong(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    await api.post("/contracts", YUYAO_OFFICIAL, proposal(provider_id))
    refused = [
        (proposal(provider_id), 409, "contract-already-sealed"),
        (proposal(provider_id, community_code=JINFENG), 409, "community-not-registered"),
        (proposal(uuid.uuid4()), 404, "provider-unseen"),
    ]
    for body, status, kind in refused:
        answer = await api.post("/contracts", YUYAO_OFFICIAL, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind)
    assert (await api.get(f"/contracts/{uuid.uuid4()}", YUYAO_OFFICIAL)).status_code == 404


async def test_a_debarred_provider_gets_no_contract(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    await api.post(
        f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, {"basis": "虚开积分", "authority": "余姚市民政局"}
    )
    refused = await api.post("/contracts", YUYAO_OFFICIAL, proposal(provider_id))
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "provider-debarred")


@pytest.mark.parametrize(
    "change",
    [
        {"period": "2026-13"},
        {"period": "2026-11-01"},
        {"kpi": {"measure": "smiles", "target": 1}},
        {"kpi": {"measure": "bookings", "target": 0}},
    ],
)
async def test_a_malformed_contract_is_refused(api: ServiceClient, change: dict[str, object]) -> None:
    answer = await api.post("/contracts", YUYAO_OFFICIAL, proposal(uuid.uuid4(), **change))
    assert answer.status_code == 422
