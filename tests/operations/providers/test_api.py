"""Providers over HTTP."""

import uuid

import pytest

from tests.ground import ServiceClient
from tests.operations.ground import (
    MERCHANT_CODE,
    RESIDENT,
    SHANGCHENG_OFFICIAL,
    YUYAO_OFFICIAL,
    provider_body,
    register_over_http,
)

DEBARMENT = {"basis": "虚开积分", "authority": "余姚市民政局"}


async def test_a_registered_provider_is_on_the_white_list(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    seen = (await api.get(f"/providers/{provider_id}", RESIDENT)).json()
    assert (seen["state"], seen["kind"], seen["social_credit_code"]) == ("listed", "merchant", MERCHANT_CODE)
    assert [decision["state"] for decision in seen["history"]] == ["candidate", "listed"]


async def test_a_debarment_shows_now_and_not_in_what_was(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    listed = (await api.get(f"/providers/{provider_id}", RESIDENT)).json()
    debarred = await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, DEBARMENT)
    assert debarred.status_code == 201
    assert debarred.json()["state"] == "debarred"
    assert (await api.get(f"/providers/{provider_id}", RESIDENT)).json()["state"] == "debarred"
    then = await api.get(f"/providers/{provider_id}", RESIDENT, as_of=listed["as_of"])
    assert then.json() == listed


async def test_a_second_debarment_is_a_conflict(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, DEBARMENT)
    again = await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, DEBARMENT)
    assert again.status_code == 409
    assert again.json()["type"].endswith("/listing-step-refused")


async def test_a_debarment_takes_a_basis(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    answer = await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, {**DEBARMENT, "basis": "  "})
    assert answer.status_code == 422


async def test_only_an_official_of_the_home_community_decides(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    for who in (SHANGCHENG_OFFICIAL, RESIDENT):
        assert (await api.post("/providers", who, provider_body(MERCHANT_CODE))).status_code == 403
        assert (await api.post(f"/providers/{provider_id}/debarment", who, DEBARMENT)).status_code == 403


async def test_an_unknown_provider_is_unseen(api: ServiceClient) -> None:
    assert (await api.get(f"/providers/{uuid.uuid4()}", RESIDENT)).status_code == 404
    answer = await api.post(f"/providers/{uuid.uuid4()}/debarment", YUYAO_OFFICIAL, DEBARMENT)
    assert answer.status_code == 404


async def test_a_code_that_is_taken_names_the_provider_that_has_it(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    again = await api.post("/providers", YUYAO_OFFICIAL, provider_body(MERCHANT_CODE))
    assert again.status_code == 409
    assert again.json()["provider_id"] == provider_id


async def test_a_wrong_code_and_an_unregistered_community_are_told_apart(api: ServiceClient) -> None:
    wrong = await api.post("/providers", YUYAO_OFFICIAL, provider_body("91350100M000100Y4Z"))
    early = await api.post("/providers", YUYAO_OFFICIAL, provider_body(MERCHANT_CODE))
    assert (wrong.status_code, early.status_code) == (422, 409)
    assert early.json()["type"].endswith("/community-not-registered")


@pytest.mark.parametrize("change", [{"name": "东江\0便利店"}, {"name": " "}, {"kind": "bank"}, {"authority": ""}])
async def test_a_malformed_provider_is_refused(api: ServiceClient, change: dict[str, object]) -> None:
    answer = await api.post("/providers", YUYAO_OFFICIAL, provider_body(MERCHANT_CODE, **change))
    assert answer.status_code == 422


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-22T00:00:00"])
async def test_a_moment_that_cannot_be_asked_for_is_refused(api: ServiceClient, moment: str) -> None:
    provider_id = await register_over_http(api)
    assert (await api.get(f"/providers/{provider_id}", RESIDENT, as_of=moment)).status_code == 422
    order = {**DEBARMENT, "effective_at": moment}
    assert (await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, order)).status_code == 422
