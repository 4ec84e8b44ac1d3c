"""What a level and a project type require, and what a community still lacks of it (S13).

Scenes, levels and project types are those of the provincial guideline as the districts publish them; the names of the
indicators and their targets are assumed (basis A in indicators.csv), and are data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from shared.errors import Inadmissible, Unseen

Scene = Literal[
    "neighbourhood", "education", "health", "entrepreneurship", "building", "transport", "low carbon", "service",
    "governance",
]  # fmt: skip
Level = Literal["领跑级", "示范级", "基本级"]
ProjectType = Literal["整合提升", "拆改结合", "拆除重建", "规划新建", "全域"]
FacilityKind = Literal["party-centre", "health-station", "child-care", "elder-care", "elder-canteen", "family-station"]
Target = Literal["binding", "guiding"]

SCENES: tuple[Scene, ...] = get_args(Scene)
BASIC_SCENES: frozenset[Scene] = frozenset({"neighbourhood", "health", "education", "governance", "service"})
"""What 基本级 requires; the other four scenes are optional there, and required at the levels above it."""
ONE_OLD_ONE_YOUNG: dict[FacilityKind, str] = {
    "party-centre": "党群服务中心",
    "health-station": "智慧健康站",
    "child-care": "托育服务点",
    "elder-care": "居家养老服务点",
    "elder-canteen": "老年食堂",
    "family-station": "妇女儿童驿站",
}
"""The 一老一小 set: what each community is to have, whatever its level."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One of the 33: a measure of which more is better, in whole units.

    Attributes:
        binding: What must be reached 约束性指标.
        guiding: What is aimed at 引导性指标, at least as much as binding.
        not_required_for: Project types in which it is not feasible, so that it is picked or left.
    """

    no: int
    scene: Scene
    scene_name: str
    name: str
    measure: str
    unit: str
    binding: int
    guiding: int
    basis: str
    not_required_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gap:
    """An indicator that a community owes: what is asked, and what was measured last, if ever."""

    no: int
    target: Target
    asked: int
    measured: int | None


@dataclass(kw_only=True, eq=False)
class NotOnMenu(Inadmissible):
    """An indicator that was picked is none of the optional ones."""

    type = "not-on-menu"
    title = "所选指标不在菜单中"
    title_en = "Indicator is not on the menu"
    detail = "指标 {numbers} 不在此级别和类型的可选菜单中，请从目录中的可选指标里挑选。"
    detail_en = "The indicators {numbers} are not optional at this level and type; pick from the catalogue's menu."

    numbers: str


@dataclass(kw_only=True, eq=False)
class IndicatorUnseen(Unseen):
    """There is no such indicator."""

    type = "indicator-unseen"
    title = "没有这个指标"
    title_en = "No such indicator"
    detail = "没有编号为 {no} 的指标，请使用目录中的编号。"
    detail_en = "There is no indicator {no}; use a number of the catalogue."

    no: int


@dataclass(kw_only=True, eq=False)
class ProgrammeUnseen(Unseen):
    """The community has not adopted a programme."""

    type = "programme-unseen"
    title = "社区尚未选定建设方案"
    title_en = "No programme adopted"
    detail = "社区 {community_code} 尚未选定级别、类型和场景菜单，请先提交建设方案。"
    detail_en = "Community {community_code} has not chosen its level, type and menu; adopt a programme first."

    community_code: str


def is_required(indicator: Indicator, level: Level, project_type: ProjectType) -> bool:
    """Tell whether an indicator is required; one that is not stands on the menu.

    基本级 requires five scenes (Shangcheng's levels); above it all nine. An indicator is not required of a project type
    in which it is not feasible (the principles: necessity, bottom line, feasibility, inclusiveness).
    """
    if project_type in indicator.not_required_for:
        return False
    return level != "基本级" or indicator.scene in BASIC_SCENES


def target_of(level: Level) -> Target:
    """Return which target a level is held to: 领跑级 goes beyond the province and owes the guiding one."""
    return "guiding" if level == "领跑级" else "binding"


def check_picks(
    indicators: Sequence[Indicator], picks: Iterable[int], level: Level, project_type: ProjectType
) -> tuple[int, ...]:
    """Return the picked numbers in order, each once.

    Raises:
        NotOnMenu: One is required anyway, or there is none of that number.
    """
    menu = {one.no for one in indicators if not is_required(one, level, project_type)}
    picked = set(picks)
    if strange := sorted(picked - menu):
        raise NotOnMenu(numbers="、".join(map(str, strange)))
    return tuple(sorted(picked))


def gaps_of(
    indicators: Sequence[Indicator],
    measured: Mapping[int, int],
    level: Level,
    project_type: ProjectType,
    picks: Iterable[int],
) -> list[Gap]:
    """Return what is owed and not reached, in the catalogue's order: what is required, and what was picked."""
    chosen, target = set(picks), target_of(level)
    owed = [one for one in indicators if one.no in chosen or is_required(one, level, project_type)]
    asked = {one.no: one.guiding if target == "guiding" else one.binding for one in owed}
    return [
        Gap(no, target, amount, measured.get(no))
        for no, amount in asked.items()
        if no not in measured or measured[no] < amount
    ]


def missing_facilities(open_kinds: Iterable[str]) -> list[FacilityKind]:
    """Return which of the 一老一小 set a community lacks."""
    there = set(open_kinds)
    return [kind for kind in ONE_OLD_ONE_YOUNG if kind not in there]
