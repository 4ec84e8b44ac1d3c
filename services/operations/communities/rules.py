"""What may be registered as a community."""

from dataclasses import dataclass
from typing import Literal

from shared.errors import Conflict, Inadmissible, Unseen

ProjectType = Literal["integrated", "partly_rebuilt", "rebuilt", "new_built", "whole_area"]
PROJECT_TYPE_NAMES: dict[str, str] = {
    "integrated": "整合提升 integrated",
    "partly_rebuilt": "拆改结合 partly rebuilt",
    "rebuilt": "拆除重建 rebuilt",
    "new_built": "规划新建 new-built",
    "whole_area": "全域 whole area",
}
"""整合提升, 拆改结合, 拆除重建, 规划新建, 全域: how a future community comes about."""
Tier = Literal["basic", "model", "leading"]
"""基本级, 示范级, 领跑级."""

LEVELS = (2, 4, 6, 9, 12)
"""Digits of a province, city, district, street and community."""


@dataclass(kw_only=True, eq=False)
class CommunityUnknown(Inadmissible):
    """The code is not in the reference list."""

    type = "community-code-unknown"
    title = "社区代码不存在"
    title_en = "Unknown community code"
    detail = "统计用区划代码中没有 {code}。请核对 12 位社区代码。"
    detail_en = "The statistical codes have no {code}. Check the 12 digits of the community's code."

    code: str


@dataclass(kw_only=True, eq=False)
class CommunityUnseen(Unseen):
    """There is no such community."""

    type = "community-unseen"
    title = "未找到该社区"
    title_en = "No such community"
    detail = "未找到社区 {code}。请核对 12 位社区代码。"
    detail_en = "There is no community {code}. Check the 12 digits of its code."

    code: str


@dataclass(kw_only=True, eq=False)
class CommunityAlreadyRegistered(Conflict):
    """The community takes part already."""

    type = "community-already-registered"
    title = "社区已登记"
    title_en = "Community already registered"
    detail = "社区 {code} 已登记，无需再次登记。"
    detail_en = "The community {code} is registered already; nothing needs to be done."

    code: str


@dataclass(kw_only=True, eq=False)
class CommunityNotRegistered(Conflict):
    """The community does not take part yet."""

    type = "community-not-registered"
    title = "社区尚未登记"
    title_en = "Community not registered"
    detail = "社区 {code} 尚未登记。请先由街道或区县登记该社区。"
    detail_en = "The community {code} is not registered. Its street or district has to register it first."

    code: str


@dataclass(kw_only=True, eq=False)
class ProfileImpossible(Inadmissible):
    """More households than people."""

    type = "community-profile-impossible"
    title = "社区画像数据有误"
    title_en = "Impossible profile"
    detail = "户数 {households} 多于人口 {population}。请核对后重新填报。"
    detail_en = "There are more households ({households}) than people ({population}). Check both numbers."

    households: int
    population: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a community is like; people, households and square metres are counts."""

    project_type: ProjectType
    tier: Tier
    population: int
    households: int
    area_m2: int


def check_profile(profile: Profile) -> None:
    """Refuse a profile that cannot be.

    Raises:
        ProfileImpossible: It has more households than people.
    """
    if profile.households > profile.population:
        raise ProfileImpossible(households=profile.households, population=profile.population)


def digits_below(prefix: str) -> int:
    """Return how many digits the codes of an area's parts have; a community has itself."""
    return next((digits for digits in LEVELS if digits > len(prefix)), LEVELS[-1])
