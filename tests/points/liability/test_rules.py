"""What a liability board counts."""

import uuid

from services.points.liability.rules import Flow, Outstanding, Spent, by_community, flows_of, funded_bp

HERE, THERE = "330102001051", "330281002015"


def test_the_funded_share_is_rounded_down_and_may_be_more_than_all() -> None:
    assert [funded_bp(300, 100), funded_bp(100, 250), funded_bp(7, 0), funded_bp(0, 5)] == [3333, 25_000, 0, None]


def test_what_is_outstanding_is_summed_by_community() -> None:
    rows = [Outstanding(HERE, HERE, "2028-06", 5), Outstanding(HERE, THERE, "2028-07", 2)]
    assert by_community([*rows, Outstanding(THERE, THERE, "2028-06", 1)]) == {HERE: 7, THERE: 1}


def test_flows_leave_out_what_was_spent_at_home() -> None:
    shop = uuid.uuid4()
    abroad = [Spent(HERE, THERE, shop, 5), Spent(HERE, THERE, None, 2)]
    assert flows_of([*abroad, Spent(HERE, HERE, shop, 9), Spent(THERE, HERE, shop, 1)]) == [
        Flow(HERE, THERE, 7),
        Flow(THERE, HERE, 1),
    ]
