"""What levels and project types require, and what a gap is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scenarios.catalogue.queries import indicators
from services.scenarios.catalogue.rules import (
    BASIC_SCENES,
    ONE_OLD_ONE_YOUNG,
    SCENES,
    Level,
    NotOnMenu,
    ProjectType,
    check_picks,
    gaps_of,
    is_required,
    missing_facilities,
)

LEVELS: tuple[Level, ...] = ("领跑级", "示范级", "基本级")
TYPES: tuple[ProjectType, ...] = ("整合提升", "拆改结合", "拆除重建", "规划新建", "全域")
ALL = indicators()


def test_there_are_33_indicators_of_nine_scenes_with_two_targets_each() -> None:
    counts = [sum(one.scene == scene for one in ALL) for scene in SCENES]
    assert counts == [3, 4, 4, 3, 5, 5, 3, 3, 3]
    assert [one.no for one in ALL] == list(range(1, 34))
    assert all(0 < one.binding <= one.guiding and one.measure and one.unit and one.name for one in ALL)


def test_the_names_of_scenes_are_the_provinces() -> None:
    names = list(dict.fromkeys(one.scene_name for one in ALL))
    assert names == ["邻里", "教育", "健康", "创业", "建筑", "交通", "低碳", "服务", "治理"]


def test_the_basic_level_requires_five_scenes_and_leaves_four_on_the_menu() -> None:
    required = {one.scene for one in ALL if is_required(one, "基本级", "拆除重建")}
    assert required == BASIC_SCENES
    assert {one.scene for one in ALL} - required == {"building", "low carbon", "transport", "entrepreneurship"}


@pytest.mark.parametrize("level", ["领跑级", "示范级"])
def test_the_levels_above_require_all_33_where_all_are_feasible(level: Level) -> None:
    assert sum(is_required(one, level, "规划新建") for one in ALL) == 33


def test_what_an_old_estate_cannot_have_is_not_required_of_it() -> None:
    optional = [one.no for one in ALL if not is_required(one, "示范级", "整合提升")]
    assert 18 in optional
    assert optional == [one.no for one in ALL if "整合提升" in one.not_required_for]


@given(level=st.sampled_from(LEVELS), kind=st.sampled_from(TYPES), pick=st.integers(-1, 40))
def test_a_pick_is_on_the_menu_or_is_refused(level: Level, kind: ProjectType, pick: int) -> None:
    menu = {one.no for one in ALL if not is_required(one, level, kind)}
    if pick in menu:
        assert check_picks(ALL, [pick, pick], level, kind) == (pick,)
    else:
        with pytest.raises(NotOnMenu):
            check_picks(ALL, [pick], level, kind)


def test_a_gap_is_what_is_owed_and_short_of_its_target_or_never_measured() -> None:
    binding = {one.no: one.binding for one in ALL}
    assert gaps_of(ALL, binding, "示范级", "规划新建", []) == []
    one_short = {**binding, 4: binding[4] - 1}
    (gap,) = gaps_of(ALL, one_short, "示范级", "规划新建", [])
    assert (gap.no, gap.target, gap.asked, gap.measured) == (4, "binding", 4, 3)
    (never,) = gaps_of(ALL, {no: amount for no, amount in binding.items() if no != 9}, "示范级", "规划新建", [])
    assert (never.no, never.measured) == (9, None)


def test_the_leading_level_owes_the_guiding_target() -> None:
    binding = {one.no: one.binding for one in ALL}
    short = {gap.no for gap in gaps_of(ALL, binding, "领跑级", "规划新建", [])}
    assert short == {one.no for one in ALL if one.guiding > one.binding}
    assert {gap.target for gap in gaps_of(ALL, binding, "领跑级", "规划新建", [])} == {"guiding"}


def test_what_was_picked_is_owed_too() -> None:
    without = {gap.no for gap in gaps_of(ALL, {}, "基本级", "全域", [])}
    picked = {gap.no for gap in gaps_of(ALL, {}, "基本级", "全域", [21, 26])}
    assert picked - without == {21, 26}


def test_the_old_and_young_set_has_six_kinds() -> None:
    assert len(ONE_OLD_ONE_YOUNG) == 6
    assert missing_facilities(["elder-canteen", "child-care", "child-care"]) == [
        "party-centre", "health-station", "elder-care", "family-station",
    ]  # fmt: skip
