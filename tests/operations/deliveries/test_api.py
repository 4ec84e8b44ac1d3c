"""One record of what municipality, market and volunteers did together."""

import asyncio
import uuid
from typing import Any

import pytest

from services.operations.deliveries.rules import EvidenceUsed, Mixed, Part, VolunteersAreNotPaid, check_parts, mix
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, JINFENG, RESIDENT, YUYAO_OFFICIAL

PATH = f"/service-deliveries/{DONGJIANG}"
DESK = identity("staff:zhou", ("desk", DONGJIANG))
NOVEMBER = {"first": "2026-11-01", "last": "2026-11-30"}


def delivery(tag: str = "1", **changes: object) -> dict[str, Any]:
    return {
        "service": "老年助餐",
        "delivered_on": "2026-11-20",
        "served": 40,
        "parts": [
            {
                "source": "municipal",
                "party": "凤山街道",
                "quarter_hours": 8,
                "cost_fen": 20_000,
                "evidence": f"派工单-{tag}",
            },
            {
                "source": "market",
                "party": "余姚餐饮",
                "quarter_hours": 16,
                "cost_fen": 60_000,
                "evidence": f"交付单-{tag}",
            },
            {"source": "volunteer", "party": "东江志愿队", "quarter_hours": 24, "evidence": f"签到-{tag}"},
        ],
        **changes,
    }


@pytest.mark.proves("O18")
async def test_one_record_holds_what_all_three_gave_and_the_mix_is_its_sum(api: ServiceClient) -> None:
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    recorded = await api.post(PATH, DESK, delivery())
    assert recorded.status_code == 201, recorded.text
    seen = (await api.get(f"{PATH}/{recorded.json()['id']}", DESK)).json()
    assert seen == recorded.json()
    assert [part["source"] for part in seen["parts"]] == ["municipal", "market", "volunteer"]
    await api.post(PATH, DESK, delivery("2", served=10))
    await api.post(PATH, DESK, delivery("3", delivered_on="2026-12-01"))
    found = (await api.get(f"{PATH}/mix", RESIDENT, **NOVEMBER)).json()
    assert (found["deliveries"], found["served"]) == (2, 50)
    assert [
        (one["source"], one["quarter_hours"], one["cost_fen"], one["time_share_bp"]) for one in found["sources"]
    ] == [
        ("market", 32, 120_000, 3_333),
        ("municipal", 16, 40_000, 1_666),
        ("volunteer", 48, 0, 5_000),
    ]


async def test_evidence_counts_once_and_of_a_refused_record_nothing_stays(api: ServiceClient) -> None:
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    await api.post(PATH, DESK, delivery())
    parts = [delivery("9")["parts"][0], delivery("1")["parts"][1]]
    answer = await api.post(PATH, DESK, delivery(parts=parts))
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "delivery-evidence-used")
    assert "交付单-1" in answer.json()["detail"]
    assert (await api.get(f"{PATH}/mix", RESIDENT, **NOVEMBER)).json()["deliveries"] == 1


async def test_of_32_who_bring_the_same_evidence_at_once_one_counts(api: ServiceClient) -> None:
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    answers = await asyncio.gather(*(api.post(PATH, DESK, delivery()) for _ in range(32)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 31


def test_volunteers_are_not_paid_and_a_source_shows_its_evidence_once() -> None:
    with pytest.raises(VolunteersAreNotPaid):
        check_parts([Part("volunteer", "志愿队", 4, 1, "签到-1")])
    with pytest.raises(EvidenceUsed):
        check_parts([Part("market", "甲", 4, 1, "单-1"), Part("market", "乙", 4, 1, "单-1")])
    check_parts([Part("market", "甲", 4, 1, "单-1"), Part("volunteer", "乙", 4, 0, "单-1")])


def test_what_nobody_gave_has_no_share() -> None:
    assert mix([]) == []
    assert mix([("market", 1, 5), ("market", 2, 5)]) == [Mixed("market", 3, 10, 10_000)]


async def test_refusals(api: ServiceClient) -> None:
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    paid = delivery()
    paid["parts"][2]["cost_fen"] = 1
    for path, who, body, status, kind in (
        (PATH, DESK, paid, 422, "volunteers-are-not-paid"),
        (PATH, RESIDENT, delivery(), 403, "out-of-scope"),
        (f"/service-deliveries/{JINFENG}", YUYAO_OFFICIAL, delivery(), 409, "community-not-registered"),
    ):
        answer = await api.post(path, who, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind), answer.text
    assert (await api.get(f"{PATH}/{uuid.uuid4()}", DESK)).status_code == 404
