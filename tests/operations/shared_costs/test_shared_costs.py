"""Costs of shared spaces."""

import asyncio
import uuid
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.operations.shared_costs.rules import split
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, JINFENG, QINGBOMEN, YUYAO_OFFICIAL

KEYS = st.dictionaries(st.text("0123456789", min_size=12, max_size=12), st.integers(1, 10**6), min_size=1, max_size=12)


@given(st.integers(1, 10**13), KEYS)
def test_the_shares_come_to_the_cost_and_nobody_is_a_fen_off(amount_fen: int, key: dict[str, int]) -> None:
    shares = split(amount_fen, key)
    assert sum(shares.values()) == amount_fen
    assert all(abs(shares[code] - Fraction(amount_fen * part, sum(key.values()))) < 1 for code, part in key.items())


def test_a_fen_that_is_left_goes_to_the_largest_remainder_and_of_equal_ones_to_the_lower_code() -> None:
    assert split(100, {"b": 1, "a": 1, "c": 1}) == {"a": 34, "b": 33, "c": 33}
    assert split(10, {"a": 1, "b": 3}) == {"a": 3, "b": 7}


async def test_a_month_is_booked_once_whoever_comes_32_times(api: ServiceClient) -> None:
    for code in (DONGJIANG, JINFENG):
        await api.post("/communities", YUYAO_OFFICIAL, {"code": code})
    body = {"name": "邻里书房", "basis": "户数", "cost_key": {DONGJIANG: 2, JINFENG: 1}}
    space = (await api.post(f"/shared-spaces/{DONGJIANG}", YUYAO_OFFICIAL, body)).json()
    costs = f"/shared-spaces/{DONGJIANG}/{space['id']}/costs"
    november = {"month": "2026-11", "amount_fen": 100}
    answers = await asyncio.gather(*(api.post(costs, YUYAO_OFFICIAL, november) for _ in range(32)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 31


async def test_refusals(api: ServiceClient) -> None:
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    body = {"name": "邻里书房", "basis": "户数", "cost_key": {DONGJIANG: 2, JINFENG: 1}}
    assert (await api.post(f"/shared-spaces/{DONGJIANG}", YUYAO_OFFICIAL, body)).status_code == 409
    abroad = {**body, "cost_key": {DONGJIANG: 2, QINGBOMEN: 1}}
    assert (await api.post(f"/shared-spaces/{DONGJIANG}", YUYAO_OFFICIAL, abroad)).status_code == 403
    alone = {**body, "cost_key": {DONGJIANG: 2}}
    assert (await api.post(f"/shared-spaces/{DONGJIANG}", YUYAO_OFFICIAL, alone)).status_code == 422
    costs = f"/shared-spaces/{DONGJIANG}/{uuid.uuid4()}/costs"
    november = {"month": "2026-11", "amount_fen": 100}
    assert (await api.post(costs, YUYAO_OFFICIAL, november)).status_code == 404
    assert (await api.post(costs, identity("staff:zhou", ("desk", DONGJIANG)), november)).status_code == 403
