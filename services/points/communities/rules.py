"""What takes a registered community."""

from dataclasses import dataclass
from typing import ClassVar

from shared.errors import Unseen


@dataclass(kw_only=True, eq=False)
class CommunityUnknown(Unseen):
    """The community does not take part (yet)."""

    type: ClassVar[str] = "community-unknown"
    title: ClassVar[str] = "社区未接入"
    title_en: ClassVar[str] = "Community unknown"
    detail: ClassVar[str] = "社区 {community_code} 尚未接入积分平台，请先由运营登记。"
    detail_en: ClassVar[str] = "Community {community_code} does not take part; operations must register it first."

    community_code: str
