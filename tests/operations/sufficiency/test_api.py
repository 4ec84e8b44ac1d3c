"""Self-sufficiency over HTTP."""

import pytest

from tests.ground import ServiceClient
from tests.operations.ground import DONGJIANG, RESIDENT, YUYAO_OFFICIAL

STATEMENT = {
    "community_code": DONGJIANG,
    "year": 2025,
    "project_type": "improvement",
    "tier": "basic",
    "households": 1_500,
    "costs": {"staff": 20_000_000, "energy": 6_000_000},
    "income": {"rent": 5_000_000, "service_fees": 2_800_000},
    "subsidy_fen": 18_200_000,
    "in_kind_fen": 13_000_000,
    "reserve_fen": 6_500_000,
}


@pytest.mark.proves("O11")
async def test_self_sufficiency_reserve_and_what_if_the_subsidy_falls_by_30_percent(api: ServiceClient) -> None:
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    assert (await api.post("/operating-statements", YUYAO_OFFICIAL, STATEMENT)).status_code == 201
    now = (await api.get(f"/self-sufficiency/{DONGJIANG}", YUYAO_OFFICIAL, year=2025)).json()
    assert now == {
        "community_code": DONGJIANG,
        "year": 2025,
        "subsidy_cut_bp": 0,
        "cash_ratio": "0.3000",
        "with_in_kind_ratio": "0.5333",
        "reserve_months": "3.0",
        "balance_fen": 0,
        "months_left": None,
    }
    less = (await api.get(f"/self-sufficiency/{DONGJIANG}", YUYAO_OFFICIAL, year=2025, subsidy_cut_bp=3_000)).json()
    assert (less["balance_fen"], less["months_left"], less["cash_ratio"]) == (-5_460_000, 14, "0.3000")


async def test_without_a_statement_there_is_no_ratio(api: ServiceClient) -> None:
    assert (await api.get(f"/self-sufficiency/{DONGJIANG}", YUYAO_OFFICIAL, year=2025)).status_code == 404
    assert (await api.get(f"/self-sufficiency/{DONGJIANG}", RESIDENT, year=2025)).status_code == 403
    wrong = await api.get(f"/self-sufficiency/{DONGJIANG}", YUYAO_OFFICIAL, year=2025, subsidy_cut_bp=10_001)
    assert wrong.status_code == 422
