"""What takes a registered community."""

from dataclasses import dataclass

from shared.errors import Unseen


@dataclass(kw_only=True, eq=False)
class CommunityUnknown(Unseen):
    """The community does not take part (yet)."""

    type = "community-unknown"
    title = "社区未接入"
    title_en = "Community unknown"
    detail = "社区 {community_code} 尚未接入积分平台，请先由运营登记。"
    detail_en = "Community {community_code} does not take part; operations must register it first."

    community_code: str
