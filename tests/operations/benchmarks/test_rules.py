"""Comparing costs."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.operations.benchmarks.rules import Facts, Verdict, compare, deviation, median, robust_z
from services.operations.statements.rules import Driver

YUAN = 100


def year(code: str, cost: int, households: int | None = 1_500, tier: str = "model", **volumes: int) -> Facts:
    known: dict[Driver, int] = volumes  # type: ignore[assignment]
    return Facts(code, "improvement", tier, households, cost * YUAN, known)


def test_the_median_and_its_deviation_are_exact() -> None:
    assert median([Fraction(3), Fraction(1), Fraction(2), Fraction(10)]) == Fraction(5, 2)
    assert deviation([Fraction(1), Fraction(1), Fraction(2), Fraction(2), Fraction(4), Fraction(6), Fraction(9)]) == 1


def test_z_is_the_published_formula_and_none_where_most_are_the_same() -> None:
    values = [Fraction(value) for value in (1, 1, 2, 2, 4, 6, 9)]
    assert robust_z(Fraction(9), values) == Fraction(6745, 10_000) * 7
    assert robust_z(Fraction(9), [Fraction(5)] * 6 + [Fraction(9)]) is None


def test_peers_have_type_size_and_tier_in_common_and_the_group_widens_only_when_it_must() -> None:
    alike = [year(str(n), 100 + n) for n in range(3)]
    other_tier = [year(f"t{n}", 100, tier="leading") for n in range(2)]
    large = [year(f"l{n}", 100, households=9_000) for n in range(1)]
    known = [*alike, *other_tier, *large]
    assert (compare(alike[0], known).group.size, compare(alike[0], known).group.tier) == ("medium", "model")
    assert {one.code for one in compare(alike[0], known).group.members} == {"0", "1", "2"}
    assert (compare(other_tier[0], known).group.tier, len(compare(other_tier[0], known).group.members)) == (None, 5)
    assert (compare(large[0], known).group.size, len(compare(large[0], known).group.members)) == (None, 6)


def test_an_unknown_size_is_a_band_of_its_own() -> None:
    known = [year(str(n), 100, households=None) for n in range(3)] + [year("known", 100)]
    assert compare(known[0], known).group.size == "unknown"


PEERS = [year(f"p{n}", 100 + n, service_uses=1_000) for n in range(9)]


@pytest.mark.parametrize(
    ("own", "verdict"),
    [
        (year("x", 104), "typical"),
        (year("x", 150), "costly"),
        (year("x", 50, service_uses=100), "not_served"),
        (year("x", 50, service_uses=5_000), "lean"),
        (year("x", 50), "cheap_service_unknown"),
    ],
)
def test_a_cost_is_judged_both_ways(own: Facts, verdict: Verdict) -> None:
    found = compare(own, [*PEERS, own])
    assert (found.verdict, found.few_peers) == (verdict, False)


def test_one_absurd_peer_hides_nobody() -> None:
    own = year("x", 150)
    assert compare(own, [*PEERS, own, year("absurd", 10**9)]).verdict == "costly"


def test_with_fewer_than_three_peers_there_is_no_verdict() -> None:
    own = year("x", 10_000)
    assert compare(own, [own, year("y", 1)]).verdict == "no_peers"


@given(st.lists(st.tuples(st.integers(1, 10**12), st.integers(1, 10**9)), min_size=3, max_size=12))
def test_what_a_driver_explains_adds_up_to_the_distance_without_a_residue(costs: list[tuple[int, int]]) -> None:
    known = [year(str(n), cost, floor_m2=floor) for n, (cost, floor) in enumerate(costs)]
    for own in known:
        (effect,) = compare(own, known).effects
        assert effect.volume_fen + effect.rate_fen == own.cost_fen - round(
            median([Fraction(k.cost_fen) for k in known])
        )
