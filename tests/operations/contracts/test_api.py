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
    conclude_over_http,
    register_over_http,
    sign_over_http,
    terms,
)


def proposal(provider_id: str, community_code: str = DONGJIANG, **changes: object) -> dict[str, object]:
    agreed = terms(uuid.UUID(provider_id), **changes).model_dump(mode="json")
    return {"community_code": community_code, "terms": agreed}


async def test_a_contract_is_a_draft_until_all_have_signed(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    drawn = (await api.post("/contracts", YUYAO_OFFICIAL, proposal(provider_id))).json()
    assert (drawn["state"], drawn["version"], drawn["seal"]) == ("draft", None, None)
    sealed = await sign_over_http(api, drawn, provider_id)
    assert (sealed["id"], sealed["version"], len(sealed["seal"])) == (drawn["id"], 1, 64)
    assert (await api.get(f"/contracts/{drawn['id']}", YUYAO_OFFICIAL, valid_on="2026-06-01")).json()[
        "state"
    ] == "in_force"


async def test_a_contract_shows_to_its_areas_staff_and_its_parties_only(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    contract_id = await conclude_over_http(api, provider_id)
    for who, status in (
        (identity("staff:zhou", ("desk", DONGJIANG)), 200),
        (identity("staff:wu", ("operator", "330281")), 200),
        (identity(f"merchant:{provider_id}", ("merchant", DONGJIANG)), 200),
        (identity(f"merchant:{uuid.uuid4()}", ("merchant", DONGJIANG)), 403),
        (SHANGCHENG_OFFICIAL, 403),
        (RESIDENT, 403),
    ):
        assert (await api.get(f"/contracts/{contract_id}", who)).status_code == status
        assert (await api.get(f"/contracts/{contract_id}/kpis/2026-11", who)).status_code == status


async def test_only_an_official_of_the_area_draws_up_amends_and_decides(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    contract_id = await conclude_over_http(api, provider_id)
    path = f"/contracts/{contract_id}"
    amendment = {**proposal(provider_id), "kind": "amendment", "valid_from": "2026-12-01", "reason": "调整"}
    for who in (SHANGCHENG_OFFICIAL, RESIDENT, identity("staff:wu", ("operator", "330281"))):
        signing = {"version": 1, "party": "community", "signature": "00"}
        for tail, body in (
            ("/versions", amendment),
            ("/state", {"state": "suspended", "reason": "整改"}),
            ("/signatures", signing),
        ):
            assert (await api.post(path + tail, who, body)).status_code == 403, tail
        assert (await api.post("/contracts", who, proposal(provider_id))).status_code == 403
    for tail, body in (("/versions", amendment), ("/state", {"state": "suspended", "reason": "整改"})):
        assert (await api.post(path + tail, YUYAO_OFFICIAL, body)).status_code == 201
        assert (await api.post(f"/contracts/{uuid.uuid4()}{tail}", YUYAO_OFFICIAL, body)).status_code == 404
    renewal = await api.post(f"{path}/versions", YUYAO_OFFICIAL, {**amendment, "kind": "renewal"})
    assert (renewal.status_code, renewal.json()["type"].rpartition("/")[2]) == (409, "contract-step-refused")


async def test_each_refusal_says_what_is_wrong(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    refused = [
        (proposal(provider_id, JINFENG), 409, "community-not-registered"),
        (proposal(str(uuid.uuid4())), 404, "provider-unseen"),
        (proposal(provider_id, licences=["food"]), 409, "licence-missing"),
        (proposal(provider_id, ends_on="2025-01-01"), 422, "contract-terms-contradict"),
    ]
    for body, status, kind in refused:
        answer = await api.post("/contracts", YUYAO_OFFICIAL, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind)
    assert (await api.get(f"/contracts/{uuid.uuid4()}", YUYAO_OFFICIAL)).status_code == 404


async def test_a_debarred_provider_gets_no_contract(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    order = {"basis": "虚开积分", "authority": "余姚市民政局"}
    await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, order)
    refused = await api.post("/contracts", YUYAO_OFFICIAL, proposal(provider_id))
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "provider-debarred")


@pytest.mark.parametrize(
    "change",
    [
        {"starts_on": "2026-13-01"},
        {"scene": "casino"},
        {"lines": [{"kind": "gift", "no": 1, "description": "x"}]},
        {"lines": [{"kind": "fee", "no": 1, "description": "x", "amount_fen": 1.5, "every_months": 1}]},
        {"surprise": True},
    ],
)
async def test_malformed_terms_are_refused(api: ServiceClient, change: dict[str, object]) -> None:
    body = proposal(str(uuid.uuid4()))
    agreed = body["terms"]
    assert isinstance(agreed, dict)
    answer = await api.post("/contracts", YUYAO_OFFICIAL, {**body, "terms": {**agreed, **change}})
    assert answer.status_code == 422
