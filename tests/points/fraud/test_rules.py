"""The detectors, against a district whose attackers are known."""

from benchmarks.fraud import simulate, table
from services.points.fraud.rules import suspicions


def test_attackers_are_found_and_the_honest_left_alone() -> None:
    rows = table(simulate(3, 800))
    assert {row.detector: row.found * 100 >= row.guilty * 80 for row in rows} == {row.detector: True for row in rows}
    assert {row.detector: row.accused * 100 <= row.innocent for row in rows} == {row.detector: True for row in rows}


def test_each_suspicion_has_a_reason_and_the_same_month_gives_the_same_ones() -> None:
    found = suspicions(simulate(3, 200).lately())
    assert found == suspicions(simulate(3, 200).lately())
    assert all(one.reason for one in found)
