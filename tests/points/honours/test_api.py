"""Pending points, tiers of honour and leaderboards, as the gateway calls them."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from services.points.honours.rules import months_before, tier_of
from shared.clock import CHINA
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import QINGBO, agree, budget_of, kind, take_part

IDS = [uuid.uuid4() for _ in range(3)]
RESIDENTS = [identity(f"resident:{one}", ("resident", QINGBO)) for one in IDS]
DESK, OTHER_DESK = identity("staff:li", ("desk", QINGBO)), identity("staff:hu", ("desk", QINGBO))
STRANGER = identity(f"resident:{uuid.uuid4()}", ("resident", "330281002015"))
NOW = datetime.now(CHINA)
HERE = {"community_code": QINGBO}
RULE: dict[str, object] = {
    "kind": "rule",
    **HERE,
    "activity": "patrol",
    "asset_class": "service",
    "points": 1,
    "per_quantity": 1,
    "points_max_per_deed": 1000,
    "effective_from": "2020-01-01T00:00:00+08:00",
}
TIERS = [{"name": "一星", "points_min": 50}, {"name": "二星", "points_min": 100}]


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service over a community with a plain rule, one whose deeds are verified, and tiers."""
    client = await start_api("points")
    await take_part(client, QINGBO)
    contents: list[dict[str, object]] = [
        RULE,
        {**RULE, "activity": "care", "needs_verification": True},
        budget_of(1000),
        {"kind": "tiers", "area": "3301", "tiers": [{"name": "新芽", "points_min": 1}]},
        {"kind": "tiers", "area": "330102", "months": 12, "tiers": TIERS},
    ]
    for content in contents:
        await agree(client, content)
    return client


def deed(who: int, quantity: int, activity: str = "patrol", *, at: datetime | None = None) -> dict[str, object]:
    return {
        **HERE,
        "activity": activity,
        "reference": uuid.uuid4().hex,
        "resident_id": str(IDS[who]),
        "quantity": quantity,
        "occurred_at": (at or datetime.now(UTC)).isoformat(),
        "evidence": {},
    }


async def balance(api: ServiceClient, who: int) -> int:
    return sum(held["balance"] for held in (await api.get("/accounts/me", RESIDENTS[who])).json()["held"])


@pytest.mark.proves("P31")
async def test_points_wait_to_be_verified_and_honour_comes_from_what_was_earned(api: ServiceClient) -> None:
    done = deed(0, 60, "care")
    pending = (await api.post("/deeds", DESK, done)).json()
    assert (pending["points"], pending["transfer_id"], await balance(api, 0)) == (60, None, 0)
    assert kind(await api.post("/deeds", DESK, done)) == (409, "already-posted")
    [seen] = (await api.get("/deeds/pending", RESIDENTS[0], community_code=QINGBO)).json()
    assert (seen["points"], (await api.get("/deeds/pending", RESIDENTS[1], community_code=QINGBO)).json()) == (60, [])
    honour = (await api.get("/accounts/me/honour", RESIDENTS[0])).json()
    assert (honour["points_earned"], honour["tier"], honour["points_to_next"]) == (0, None, 50)
    verdict = {**HERE, "activity": "care", "reference": done["reference"], "accept": True}
    assert kind(await api.post("/deeds/verifications", DESK, verdict)) == (403, "own-deed")
    assert (await api.post("/deeds/verifications", OTHER_DESK, verdict)).json()["accepted"] is True
    assert kind(await api.post("/deeds/verifications", OTHER_DESK, verdict)) == (409, "deed-decided")
    assert kind(await api.post("/deeds", DESK, done)) == (409, "already-posted")
    assert await balance(api, 0) == 60
    await api.post("/deeds", DESK, deed(0, 50))
    await api.post("/deeds", DESK, deed(0, 500, at=datetime.now(UTC) - timedelta(days=400)))
    await api.post("/deeds", DESK, deed(1, 99))
    await api.post("/deeds", DESK, deed(2, 110))
    # Spent, it still counts as earned; taken back as granted in error, or long ago, it does not.
    await take_part(api, shops={IDS[0]: QINGBO})
    quote = (await api.post("/quotes", RESIDENTS[0], {"merchant_id": str(IDS[0]), "price": 400})).json()
    assert (await api.post("/redemptions", RESIDENTS[0], {"quote_id": quote["id"]})).status_code == 201
    honour = (await api.get("/accounts/me/honour", RESIDENTS[0])).json()
    assert (honour["points_earned"], honour["tier"], honour["points_to_next"]) == (110, "二星", None)
    assert (honour["area"], await balance(api, 0)) == ("330102", 210)
    await _leaderboard(api)
    error = {"kind": "write_off", **HERE, "activity": "care", "reference": done["reference"], "reason": "登记有误"}
    await agree(api, {**error, "points": 60})
    honour = (await api.get("/accounts/me/honour", RESIDENTS[0])).json()
    assert (honour["points_earned"], honour["tier"]) == (50, "一星")


async def _leaderboard(api: ServiceClient) -> None:
    asked = {"area": "330102", "month": f"{NOW:%Y-%m}"}
    board = (await api.get("/leaderboards", RESIDENTS[1], **asked)).json()
    assert [(place["rank"], place["points"], place["me"]) for place in board] == [
        (1, 110, False),
        (1, 110, False),
        (3, 99, True),
    ]
    assert [place["resident_id"] for place in board] == [None, None, str(IDS[1])]
    board = (await api.get("/leaderboards", DESK, area=QINGBO, month=asked["month"], activity="patrol")).json()
    assert [(place["rank"], place["resident_id"]) for place in board] == [
        (1, str(IDS[2])),
        (2, str(IDS[1])),
        (3, str(IDS[0])),
    ]
    assert kind(await api.get("/leaderboards", STRANGER, **asked)) == (403, "out-of-scope")


@pytest.mark.parametrize("asked", [{"month": "20٢٦-11"}, {"month": "2026-13"}, {"month": "2026-11", "activity": "\0"}])
async def test_a_leaderboard_of_no_month_or_of_no_activity_is_bad_input(
    api: ServiceClient, asked: dict[str, str]
) -> None:
    assert kind(await api.get("/leaderboards", DESK, area=QINGBO, **asked)) == (422, "malformed-request")


async def test_what_is_turned_down_earns_nothing(api: ServiceClient) -> None:
    done = deed(0, 60, "care")
    await api.post("/deeds", DESK, done)
    verdict = {**HERE, "activity": "care", "reference": done["reference"], "accept": False, "remark": "无照片"}
    assert (await api.post("/deeds/verifications", OTHER_DESK, verdict)).json()["remark"] == "无照片"
    assert await balance(api, 0) == 0
    unknown = {**verdict, "reference": "none"}
    assert kind(await api.post("/deeds/verifications", OTHER_DESK, unknown)) == (404, "deed-unknown")
    assert kind(await api.post("/deeds/verifications", RESIDENTS[1], verdict)) == (403, "out-of-scope")


async def test_what_has_no_budget_goes_on_waiting(api: ServiceClient) -> None:
    done = deed(0, 1000, "care")
    await api.post("/deeds", DESK, deed(1, 500))
    await api.post("/deeds", DESK, done)
    verdict = {**HERE, "activity": "care", "reference": done["reference"], "accept": True}
    assert kind(await api.post("/deeds/verifications", OTHER_DESK, verdict)) == (409, "over-budget")
    await agree(api, budget_of(2000))
    assert (await api.post("/deeds/verifications", OTHER_DESK, verdict)).status_code == 200


def test_a_tier_is_reached_from_its_least_points_on() -> None:
    assert [tier_of(points, TIERS) for points in (0, 50, 99, 100)] == [
        (None, 50),
        ("一星", 50),
        ("一星", 1),
        ("二星", None),
    ]


def test_months_before_a_day_end_with_their_month() -> None:
    assert months_before(NOW.date().replace(year=2026, month=3, day=31), 1).isoformat() == "2026-02-28"
    assert months_before(NOW.date().replace(year=2026, month=3, day=31), 12).isoformat() == "2025-03-31"
