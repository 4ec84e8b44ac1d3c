"""Maker and checker: rules, budgets, caps, grants and write-offs take two persons, as the gateway calls them."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest

from shared.clock import CHINA
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import CHECKER, OFFICIAL, QINGBO, agree, award_of, budget_of, kind, take_part

RESIDENT_ID = uuid.uuid4()
RESIDENT = identity(f"resident:{RESIDENT_ID}", ("resident", QINGBO))
DESK = identity("staff:li", ("desk", QINGBO))
AUDITOR = identity("staff:audit", ("auditor", "330102"))
ELSEWHERE = identity("staff:zhou", ("official", "330281"))
YEAR = datetime.now(CHINA).year
HERE = {"community_code": QINGBO}
RULE: dict[str, object] = {
    "kind": "rule",
    **HERE,
    "activity": "patrol",
    "asset_class": "service",
    "points": 10,
    "per_quantity": 60,
    "formula": "quantity * points // per_quantity + 5 * photos",
    "evidence_required": ["photos"],
    "points_max_per_deed": 50,
    "points_max_per_day": 60,
    "effective_from": "2026-01-01T00:00:00+08:00",
}
BUDGET, GRANT = budget_of(100), award_of(30, RESIDENT_ID)


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service over one community."""
    client = await start_api("points")
    await take_part(client, QINGBO)
    return client


def deed(quantity: int = 60, **facts: object) -> dict[str, object]:
    return {
        **HERE,
        "activity": "patrol",
        "reference": uuid.uuid4().hex,
        "resident_id": str(RESIDENT_ID),
        "quantity": quantity,
        "occurred_at": datetime.now(UTC).isoformat(),
        "evidence": {"photos": 2},
        **facts,
    }


async def propose(api: ServiceClient, content: dict[str, object]) -> str:
    answer = await api.post("/proposals", OFFICIAL, content)
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["id"]
    return name


async def decide(api: ServiceClient, proposal: str, *, accept: bool = True) -> httpx.Response:
    return await api.post(f"/proposals/{proposal}/decision", CHECKER, {"accept": accept, "remark": "已核"})


async def balance(api: ServiceClient) -> int:
    return sum(held["balance"] for held in (await api.get("/accounts/me", RESIDENT)).json()["held"])


async def shown_rules(api: ServiceClient) -> list[dict[str, object]]:
    rules: list[dict[str, object]] = (await api.get("/earning-rules", RESIDENT, community_code=QINGBO)).json()
    return rules


@pytest.mark.proves("P32")
async def test_nothing_is_granted_without_a_budget_and_no_rate_rule_grant_or_write_off_by_one_person(
    api: ServiceClient,
) -> None:
    rule, budget, grant = [await propose(api, content) for content in (RULE, BUDGET, GRANT)]
    # Proposed, none of them is in force; and nobody accepts their own.
    assert await shown_rules(api) == []
    assert kind(await api.post("/deeds", DESK, deed())) == (422, "no-earning-rule")
    for proposal in (rule, budget, grant):
        own = await api.post(f"/proposals/{proposal}/decision", OFFICIAL, {"accept": True})
        assert kind(own) == (403, "own-decision")
    assert (await decide(api, rule)).json()["accepted"] is True
    # A rule alone grants nothing: issuance is against a budget, and no further than it goes.
    assert kind(await api.post("/deeds", DESK, deed())) == (409, "over-budget")
    assert kind(await decide(api, grant)) == (409, "over-budget")
    assert (await decide(api, budget)).status_code == 200
    assert (await decide(api, grant)).status_code == 200
    assert kind(await decide(api, grant)) == (409, "proposal-decided")
    earned = await api.post("/deeds", DESK, deed())
    assert (earned.json()["points"], await balance(api)) == (20, 50)
    more = await propose(api, {**GRANT, "points": 51})
    assert kind(await decide(api, more)) == (409, "over-budget")
    # What was granted in error is taken back by two persons too, and no more of it than was granted.
    wrong = {"kind": "write_off", **HERE, "activity": "patrol", "reference": earned.json()["reference"]}
    wrong |= {"points": 15, "reason": "照片重复"}
    write_off = await propose(api, wrong)
    assert kind(await api.post(f"/proposals/{write_off}/decision", OFFICIAL, {"accept": True})) == (403, "own-decision")
    assert (await decide(api, write_off)).status_code == 200
    assert await balance(api) == 35
    again = await propose(api, {**wrong, "points": 6})
    assert kind(await decide(api, again)) == (409, "more-than-posted")
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True
    await _rates_take_two_persons_and_the_database_says_so_too(api)


async def _rates_take_two_persons_and_the_database_says_so_too(api: ServiceClient) -> None:
    admin = await asyncpg.connect(api.database.admin)
    await admin.execute("INSERT INTO community VALUES ('330281002015', '东江社区')")
    corridor = {"from_community": QINGBO, "to_community": "330281002015"}
    assert (await api.post("/corridors", OFFICIAL, {**corridor, "discount_bp": 500})).status_code == 201
    assert kind(await api.post("/corridors/agreements", OFFICIAL, {**corridor, "version": 1})) == (403, "own-proposal")
    beyond = await api.post("/corridors/agreements", CHECKER, {**corridor, "version": 2**63})
    assert kind(beyond) == (422, "malformed-request")
    with pytest.raises(asyncpg.CheckViolationError, match="two_persons"):
        await admin.execute("UPDATE proposal SET decided_by = proposed_by")
    with pytest.raises(asyncpg.CheckViolationError, match="granted_within"):
        await admin.execute("UPDATE budget SET issued = points + 1")
    await admin.close()


async def test_what_is_turned_down_stays_undone_and_on_record(api: ServiceClient) -> None:
    proposal = await propose(api, RULE)
    assert (await decide(api, proposal, accept=False)).json()["accepted"] is False
    assert await shown_rules(api) == []
    [listed] = (await api.get("/proposals", AUDITOR, area="330102")).json()
    assert (listed["remark"], listed["decided_by"]) == ("已核", "staff:checker")
    assert (await api.get("/proposals", AUDITOR, area="330102", undecided=True)).json() == []


async def test_who_may_propose_see_and_decide(api: ServiceClient) -> None:
    assert kind(await api.post("/proposals", ELSEWHERE, RULE)) == (403, "out-of-scope")
    assert kind(await api.post("/proposals", DESK, RULE)) == (403, "out-of-scope")
    path = f"/proposals/{await propose(api, RULE)}/decision"
    assert kind(await api.post(path, ELSEWHERE, {"accept": True})) == (404, "proposal-unknown")
    assert kind(await api.post(path, AUDITOR, {"accept": True})) == (403, "out-of-scope")
    assert kind(await api.get("/proposals", ELSEWHERE, area=QINGBO)) == (403, "out-of-scope")


async def test_a_proposal_that_makes_no_sense_is_refused_at_once(api: ServiceClient) -> None:
    assert kind(await api.post("/proposals", OFFICIAL, {**RULE, "formula": "import os"})) == (422, "formula-invalid")
    assert kind(await api.post("/proposals", OFFICIAL, {**RULE, "formula": "videos + quantity"})) == (
        422,
        "formula-invalid",
    )
    unknown = {**RULE, "community_code": "330102001052"}
    assert kind(await api.post("/proposals", OFFICIAL, unknown)) == (404, "community-unknown")
    cap = {
        "kind": "cap",
        "area": "330102",
        "direction": "spend",
        "activity": "patrol",
        "period": "day",
        "points_max": 1,
    }
    assert kind(await api.post("/proposals", OFFICIAL, cap)) == (422, "malformed-request")
    nothing = {"kind": "write_off", **HERE, "activity": "patrol", "reference": "none", "points": 1, "reason": "无"}
    assert kind(await decide(api, await propose(api, nothing))) == (404, "deed-unknown")
    lower = {**BUDGET, "points": 10}
    for content in (BUDGET, GRANT):
        await agree(api, content)
    assert kind(await decide(api, await propose(api, lower))) == (409, "budget-below-issued")


async def test_a_cap_over_an_area_is_in_force_when_it_is_accepted(api: ServiceClient) -> None:
    for content in (BUDGET, {"kind": "cap", "area": "3301", "direction": "earn", "period": "day", "points_max": 20}):
        await agree(api, content)
    reached = await decide(api, await propose(api, GRANT))
    assert kind(reached) == (409, "cap-reached")
    assert {"left": 20, "required": 30, "period": "day"}.items() <= reached.json().items()


@pytest.mark.proves("P30")
async def test_a_rule_has_versions_evidence_caps_and_a_budget_and_is_tried_on_past_deeds_before_it_is_published(
    api: ServiceClient,
) -> None:
    for content in (RULE, {**BUDGET, "points": 1000}):
        await agree(api, content)
    now = datetime.now(UTC)
    morning = now.astimezone(CHINA).replace(hour=8, minute=0)
    times = [(5, 0), (5, 1), (5, 2), (4, 0), (3, 0)]
    old = [(morning - timedelta(days=days) + timedelta(minutes=minute)).isoformat() for days, minute in times]
    # Evidence that the rule asks for; caps of one deed, and of a day: what is above them is not earned.
    assert kind(await api.post("/deeds", DESK, deed(evidence={"place": "library"}))) == (422, "evidence-missing")
    earned = [(await api.post("/deeds", DESK, deed(240, occurred_at=at))).json() for at in old]
    assert [one.get("points") for one in earned] == [50, 10, None, 50, 50]
    assert earned[2]["type"].endswith("/cap-reached")
    # What they would have earned by another rule, and nothing is changed by asking.
    tried = {**RULE, "formula": "quantity * points // per_quantity", "evidence_required": ["place"]}
    window = {"since": (now - timedelta(days=30)).isoformat(), "until": now.isoformat()}
    trial = await api.post("/earning-rules/trials", OFFICIAL, {"rule": tried, **window})
    assert trial.json()["nothing"] == {"evidence-missing": 4}
    tried = {**tried, "evidence_required": [], "points_max_per_day": 45, "effective_from": now.isoformat()}
    trial = await api.post("/earning-rules/trials", OFFICIAL, {"rule": tried, **window})
    facts = {"deeds": 4, "points_earned": 160, "points_tried": 125, "more": 0, "less": 4, "residents": 1}
    assert (trial.status_code, {name: trial.json()[name] for name in facts}) == (200, facts)
    assert set(trial.json()["examples"]) == {one["reference"] for one in earned if "reference" in one}
    assert (await balance(api), len(await shown_rules(api))) == (160, 1)
    # A later version is never retroactive, and an old deed is judged under its old rule.
    assert kind(await decide(api, await propose(api, tried))) == (422, "rule-retroactive")
    soon = datetime.now(UTC) + timedelta(seconds=1)
    await agree(api, {**tried, "effective_from": soon.isoformat()})
    late = await api.post("/deeds", DESK, deed(occurred_at=(now - timedelta(days=2)).isoformat()))
    new = await api.post("/deeds", DESK, deed(occurred_at=(soon + timedelta(seconds=60)).isoformat()))
    assert [(one.json()["rule_version"], one.json()["points"]) for one in (late, new)] == [(1, 20), (2, 10)]
    assert [rule["version"] for rule in await shown_rules(api)] == [2, 1]


async def test_of_32_rules_for_what_was_done_before_that_are_accepted_at_once_one_is_the_first(
    api: ServiceClient,
) -> None:
    proposals = [await propose(api, {**RULE, "points": points}) for points in range(1, 33)]
    answers = await asyncio.gather(*(decide(api, one) for one in proposals))
    assert [one.status_code for one in answers].count(200) == 1
    assert {kind(one) for one in answers if one.status_code != 200} == {(422, "rule-retroactive")}
    assert [rule["version"] for rule in await shown_rules(api)] == [1]


async def test_a_rule_caps_what_is_earned_in_a_month_and_in_a_life(api: ServiceClient) -> None:
    caps = {"points_max_per_day": None, "points_max_per_month": 70, "points_max_in_life": 90}
    for content in ({**RULE, **caps}, {**BUDGET, "points": 1000}):
        await agree(api, content)
    days = [f"2026-{month:02}-05T08:00:00+08:00" for month in (1, 1, 2, 2)]
    earned = [(await api.post("/deeds", DESK, deed(240, occurred_at=day))).json() for day in days]
    assert [one.get("points") for one in earned] == [50, 20, 20, None]


async def test_a_trial_has_an_end_and_goes_forward_in_time(api: ServiceClient) -> None:
    window = {"since": "2026-03-01T00:00:00+08:00", "until": "2026-02-01T00:00:00+08:00"}
    refused = await api.post("/earning-rules/trials", OFFICIAL, {"rule": RULE, **window})
    assert kind(refused) == (422, "trial-too-long")
    refused = await api.post("/earning-rules/trials", ELSEWHERE, {"rule": RULE, **window})
    assert kind(refused) == (403, "out-of-scope")
