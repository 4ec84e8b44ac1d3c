"""The white and black list over HTTP: scopes, terms, appeals, rehabilitation."""

import asyncio
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from services.operations.listings.decide import decide
from services.operations.listings.tell_ended import tell_ended
from shared.database import Database
from tests.ground import ServiceClient, identity
from tests.operations.ground import (
    DONGJIANG,
    MERCHANT_CODE,
    NOW,
    RESIDENT,
    SHANGCHENG_OFFICIAL,
    YUYAO_OFFICIAL,
    debarment,
    enlist,
    published,
    register_over_http,
    take_part,
)

ORDER = {"basis": "虚开积分", "authority": "余姚市民政局"}
OTHER_OFFICIAL = identity("staff:lu", ("official", "330281"))


async def state_of(api: ServiceClient, provider_id: str, **asked: str) -> str:
    state: str = (await api.get(f"/providers/{provider_id}", RESIDENT, **asked)).json()["state"]
    return state


@pytest.mark.proves("O3")
async def test_a_candidate_is_listed_then_watched_then_listed_again(api: ServiceClient) -> None:
    provider_id = await register_over_http(api, state="candidate")
    assert await state_of(api, provider_id) == "candidate"
    path = f"/providers/{provider_id}"
    for state in ("listed", "watched", "listed"):
        assert (await api.post(f"{path}/listing", YUYAO_OFFICIAL, {**ORDER, "state": state})).status_code == 201
        assert await state_of(api, provider_id) == state
    for who in (SHANGCHENG_OFFICIAL, RESIDENT):
        for tail, body in (
            ("listing", {**ORDER, "state": "watched"}),
            ("rehabilitation", ORDER),
            ("decisions/1/appeal", {"grounds": "不实"}),
            ("decisions/1/appeal/answer", {"outcome": "upheld", "reason": "不实", "authority": "余姚市民政局"}),
            ("licences", {"kind": "food", "number": "1", "issued_by": "余姚", "valid_from": "2026-01-01"}),
        ):
            assert (await api.post(f"{path}/{tail}", who, body)).status_code == 403, tail


@pytest.mark.proves("O3")
async def test_a_debarment_in_a_scope_holds_there_and_nowhere_else(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    order = {**ORDER, "area": "330281002", "scene": "service"}
    assert (await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, order)).status_code == 201
    assert await state_of(api, provider_id) == "listed"
    assert await state_of(api, provider_id, community_code=DONGJIANG, scene="service") == "debarred"
    assert await state_of(api, provider_id, community_code=DONGJIANG, scene="health") == "listed"
    assert await state_of(api, provider_id, community_code="330281003012", scene="service") == "listed"


@pytest.mark.proves("O3")
async def test_what_was_known_at_a_time_can_be_asked_for(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    before = datetime.now(UTC).isoformat()
    backdated = {**ORDER, "effective_at": before}
    assert (await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, backdated)).status_code == 201
    assert await state_of(api, provider_id, as_of=before) == "debarred"
    assert await state_of(api, provider_id, as_of=before, known_at=before) == "listed"


@pytest.mark.proves("O3")
async def test_an_appeal_that_another_official_upholds_restores_the_state_before(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    path = f"/providers/{provider_id}"
    await api.post(f"{path}/listing", YUYAO_OFFICIAL, {**ORDER, "state": "watched"})
    await api.post(f"{path}/debarment", YUYAO_OFFICIAL, ORDER)
    merchant = identity(f"merchant:{provider_id}", ("merchant", DONGJIANG))
    decision = f"{path}/decisions/4/appeal"
    assert (await api.post(f"{path}/decisions/2/appeal", merchant, {"grounds": "不实"})).status_code == 409
    no_row_has_it = await api.post(f"{path}/decisions/{2**63}/appeal", merchant, {"grounds": "不实"})
    assert no_row_has_it.status_code == 422
    assert (await api.post(f"{decision}/answer", OTHER_OFFICIAL, answer("upheld"))).status_code == 404
    assert (await api.post(decision, merchant, {"grounds": "所列交易真实"})).status_code == 201
    assert (await api.post(decision, merchant, {"grounds": "再次申诉"})).status_code == 409
    own = await api.post(f"{decision}/answer", YUYAO_OFFICIAL, answer("upheld"))
    assert (own.status_code, own.json()["type"].rpartition("/")[2]) == (409, "judge-in-own-cause")
    upheld = (await api.post(f"{decision}/answer", OTHER_OFFICIAL, answer("upheld"))).json()
    assert (upheld["state"], upheld["history"][-1]["ground"]) == ("watched", "appeal")
    assert upheld["appeals"][0]["outcome"] == "upheld"


async def test_an_appeal_against_a_watch_does_not_lift_the_debarment_that_followed(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    path = f"/providers/{provider_id}"
    await api.post(f"{path}/listing", YUYAO_OFFICIAL, {**ORDER, "state": "watched"})
    assert (await api.post(f"{path}/decisions/3/appeal", YUYAO_OFFICIAL, {"grounds": "不实"})).status_code == 201
    await api.post(f"{path}/debarment", YUYAO_OFFICIAL, ORDER)
    upheld = await api.post(f"{path}/decisions/3/appeal/answer", OTHER_OFFICIAL, answer("upheld"))
    assert (upheld.status_code, upheld.json()["type"].rpartition("/")[2]) == (409, "listing-step-refused")
    assert await state_of(api, provider_id) == "debarred"
    dismissed = await api.post(f"{path}/decisions/3/appeal/answer", OTHER_OFFICIAL, answer("dismissed"))
    assert dismissed.status_code == 201  # what was refused has left nothing behind


def answer(outcome: str) -> dict[str, str]:
    return {"outcome": outcome, "reason": "复核交易流水", "authority": "余姚市民政局"}


async def test_a_dismissed_appeal_leaves_the_debarment(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, ORDER)
    decision = f"/providers/{provider_id}/decisions/3/appeal"
    await api.post(decision, YUYAO_OFFICIAL, {"grounds": "所列交易真实"})
    dismissed = (await api.post(f"{decision}/answer", OTHER_OFFICIAL, answer("dismissed"))).json()
    assert (dismissed["state"], dismissed["appeals"][0]["outcome"]) == ("debarred", "dismissed")


async def test_of_32_answers_to_one_appeal_one_counts(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, ORDER)
    decision = f"/providers/{provider_id}/decisions/3/appeal"
    await api.post(decision, YUYAO_OFFICIAL, {"grounds": "所列交易真实"})
    answers = [
        api.post(f"{decision}/answer", OTHER_OFFICIAL, answer(("upheld", "dismissed")[n % 2])) for n in range(32)
    ]
    assert Counter(a.status_code for a in await asyncio.gather(*answers)) == {201: 1, 404: 31}


@pytest.mark.proves("O3")
async def test_rehabilitation_takes_its_time_and_leads_under_watch(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    path = f"/providers/{provider_id}"
    early = await api.post(f"{path}/rehabilitation", YUYAO_OFFICIAL, ORDER)
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "listing-step-refused")
    await api.post(f"{path}/debarment", YUYAO_OFFICIAL, ORDER)
    plain = await api.post(f"{path}/listing", YUYAO_OFFICIAL, {**ORDER, "state": "listed"})
    assert (plain.status_code, plain.json()["type"].rpartition("/")[2]) == (409, "listing-step-refused")
    early = await api.post(f"{path}/rehabilitation", YUYAO_OFFICIAL, ORDER)
    assert early.json()["type"].endswith("/rehabilitation-too-early")
    await age(api.database.owner, days=91)
    restored = await api.post(f"{path}/rehabilitation", YUYAO_OFFICIAL, ORDER)
    assert (restored.status_code, restored.json()["state"]) == (201, "watched")


async def test_an_appeal_comes_within_60_days(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, ORDER)
    await age(api.database.owner, days=61)
    late = await api.post(f"/providers/{provider_id}/decisions/3/appeal", YUYAO_OFFICIAL, {"grounds": "不实"})
    assert late.status_code == 409


async def age(owner: str, days: int) -> None:
    database = Database(owner, name="test")
    async with database.transaction() as session:
        await session.execute(
            text("""UPDATE provider_listing SET effective_at = effective_at - make_interval(days => :days),
                recorded_at = recorded_at - make_interval(days => :days)"""),
            {"days": days},
        )
    await database.close()


@pytest.mark.proves("O3")
async def test_a_term_that_ends_is_told_once(database: Database) -> None:
    await take_part(database, DONGJIANG)
    merchant = await enlist(database, MERCHANT_CODE, "merchant")
    week = NOW + timedelta(days=7)
    async with database.transaction() as session:
        await decide(session, debarment(merchant, ends_at=week))
    async with database.transaction() as session:
        assert await tell_ended(session, week - timedelta(seconds=1)) == 0
        assert await tell_ended(session, week) == 1
        assert await tell_ended(session, week) == 0
        assert (await published(session))[-1] == {
            "type": "operations.provider-restored.v1",
            "community_code": DONGJIANG,
            "provider_id": str(merchant),
            "area": "",
            "scene": "",
            "ground": "term",
            "effective_at": "2026-11-29T02:00:00Z",
        }


async def test_a_term_ends_after_it_starts(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    moment = datetime.now(UTC).isoformat()
    order = {**ORDER, "effective_at": moment, "ends_at": moment}
    answered = await api.post(f"/providers/{provider_id}/debarment", YUYAO_OFFICIAL, order)
    assert (answered.status_code, answered.json()["type"].rpartition("/")[2]) == (422, "term-invalid")


@pytest.mark.parametrize("tail", ["listing", "rehabilitation", "licences", "decisions/1/appeal"])
async def test_nothing_is_decided_on_a_stranger(api: ServiceClient, tail: str) -> None:
    licence = {"kind": "food", "number": "1", "issued_by": "余姚", "valid_from": "2026-01-01"}
    body = {**ORDER, **licence, "state": "watched", "grounds": "不实"}
    assert (await api.post(f"/providers/{uuid.uuid4()}/{tail}", YUYAO_OFFICIAL, body)).status_code == 404
