"""What may be registered as a community."""

from dataclasses import dataclass

from shared.errors import Conflict, Inadmissible, Unseen


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
