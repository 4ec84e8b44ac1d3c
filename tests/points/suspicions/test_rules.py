"""The detectors, against a district whose attackers are known."""

from datetime import UTC, datetime, timedelta

from benchmarks.fraud import simulate, table
from services.points.suspicions.rules import ATTENDANCE, Bought, Did, Lately, rings, suspicions


def test_attackers_are_found_and_the_honest_left_alone() -> None:
    rows = table(simulate(3, 800))
    assert {row.detector: row.found * 100 >= row.guilty * 80 for row in rows} == {row.detector: True for row in rows}
    assert {row.detector: row.accused * 100 <= row.innocent for row in rows} == {row.detector: True for row in rows}


def test_each_suspicion_has_a_reason_and_the_same_month_gives_the_same_ones() -> None:
    found = suspicions(simulate(3, 200).lately(), {})
    assert found == suspicions(simulate(3, 200).lately(), {})
    assert all(one.reason for one in found)


def test_those_who_attend_and_buy_at_the_only_shop_are_no_ring_and_one_clerks_friends_are() -> None:
    start = datetime(2026, 6, 1, tzinfo=UTC)
    names = [f"resident-{n}" for n in range(6)]
    bought = [Bought(who, "the-shop", start + timedelta(days=1), 5) for who in names]

    def accused(registrar: str) -> set[str]:
        return {
            one.who for one in rings(Lately([Did(who, registrar, "patrol", start, 60, 10) for who in names], bought))
        }

    assert accused("desk-1") == {"desk-1", "the-shop", *names}
    assert accused(ATTENDANCE) == set()
