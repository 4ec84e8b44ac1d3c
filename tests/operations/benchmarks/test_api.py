"""The benchmark over HTTP, with the three renewal communities whose costs are public."""

from typing import Any

import pytest
from sqlalchemy import text

from shared.database import Database
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, JINFENG, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL

FUBEI = "330281999001"  # 富北 is not in the reference list under this name: it gets a code of its own here
YUAN = 100
PUBLIC = {DONGJIANG: (900_000, 15_370_000), FUBEI: (260_000, 7_000_000), JINFENG: (97_000, 7_540_000)}
"""Yearly operating cost and creation cost, in yuan."""


def statement(code: str, cost: int, creation_cost: int, **changes: object) -> dict[str, object]:
    return {
        "community_code": code,
        "year": 2025,
        "project_type": "improvement",
        "tier": "basic",
        "costs": {"unspecified": cost * YUAN},
        "volumes": {"creation_cost_fen": creation_cost * YUAN},
        **changes,
    }


@pytest.fixture
async def filed(api: ServiceClient) -> ServiceClient:
    """File what is public of the three: no households, no income, no use."""
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        await session.execute(
            text("""
                INSERT INTO community_reference
                VALUES (:code, '富北', left(:code, 9), '街道', left(:code, 6), '余姚市', left(:code, 4), '宁波市')"""),
            {"code": FUBEI},
        )
    await database.close()
    for code, (cost, creation_cost) in PUBLIC.items():
        await api.post("/communities", YUYAO_OFFICIAL, {"code": code})
        answer = await api.post("/operating-statements", YUYAO_OFFICIAL, statement(code, cost, creation_cost))
        assert answer.status_code == 201, answer.text
    return api


@pytest.mark.proves("O10")
async def test_the_three_public_costs_are_reproduced_and_explained(filed: ServiceClient) -> None:
    found = {code: (await filed.get(f"/benchmarks/{code}", YUYAO_OFFICIAL, year=2025)).json() for code in PUBLIC}
    assert {code: one["cost_fen"] for code, one in found.items()} == {
        DONGJIANG: 90_000_000,
        FUBEI: 26_000_000,
        JINFENG: 9_700_000,
    }
    for one in found.values():
        assert (one["project_type"], one["size"], one["tier"]) == ("improvement", "unknown", "basic")
        assert (one["median_fen"], one["mad_fen"]) == ("26000000.00", "16300000.00")
        assert (one["peers"], one["few_peers"], one["robust_z"]) == (sorted(PUBLIC), True, None)
    # 东江: 3.46 times the median; half of the distance is from having built twice as much, half from running it dearly.
    east = found[DONGJIANG]
    assert (east["ratio"], east["verdict"]) == ("3.46", "costly")
    assert _effect(east) == ("0.0371", 57_088_571, 31_088_571, 32_911_429)
    assert 31_088_571 + 32_911_429 == 90_000_000 - 26_000_000
    # 富北 is the median itself.
    assert (found[FUBEI]["ratio"], found[FUBEI]["verdict"]) == ("1.00", "typical")
    assert _effect(found[FUBEI]) == ("0.0371", 26_000_000, 0, 0)
    # 锦凤 built more than 富北 and runs it for a third: with its use unknown that is no proof of thrift.
    assert (found[JINFENG]["ratio"], found[JINFENG]["verdict"]) == ("0.37", "cheap_service_unknown")
    assert _effect(found[JINFENG]) == ("0.0371", 28_005_714, 2_005_714, -18_305_714)


def _effect(one: dict[str, Any]) -> tuple[object, ...]:
    (effect,) = one["effects"]
    return tuple(effect[name] for name in ("median_rate_fen", "expected_fen", "volume_fen", "rate_fen"))


async def test_when_the_use_is_known_too_cheap_is_not_served(filed: ServiceClient) -> None:
    uses = {DONGJIANG: 9_000, FUBEI: 5_000, JINFENG: 400}
    for code, (cost, creation_cost) in PUBLIC.items():
        volumes = {"creation_cost_fen": creation_cost * YUAN, "service_uses": uses[code]}
        again = await filed.post(
            "/operating-statements", YUYAO_OFFICIAL, statement(code, cost, creation_cost, volumes=volumes)
        )
        assert again.json()["revision"] == 2
    answer = (await filed.get(f"/benchmarks/{JINFENG}", YUYAO_OFFICIAL, year=2025)).json()
    assert answer["verdict"] == "not_served"
    assert "省钱不等于有服务" in answer["explanation"]


async def test_a_benchmark_is_for_the_areas_staff_and_needs_a_statement(filed: ServiceClient) -> None:
    assert (await filed.get(f"/benchmarks/{JINFENG}", SHANGCHENG_OFFICIAL, year=2025)).status_code == 403
    assert (
        await filed.get(f"/benchmarks/{JINFENG}", identity("staff:wu", ("operator", "330281")), year=2025)
    ).is_success
    missing = await filed.get(f"/benchmarks/{JINFENG}", YUYAO_OFFICIAL, year=2024)
    assert (missing.status_code, missing.json()["type"].rpartition("/")[2]) == (404, "operating-statement-unseen")
