"""What holds for communities."""

from dataclasses import dataclass

from shared.errors import Unseen


@dataclass(kw_only=True, eq=False)
class CommunityUnknown(Unseen):
    """The community does not take part, or the word of it has not arrived yet."""

    type = "community-unknown"
    title = "社区未接入"
    title_en = "Community unknown"
    detail = "社区 {community_code} 尚未接入，请先由运营登记；若刚刚登记，请稍后换新的幂等键重试。"
    detail_en = (
        "Community {community_code} does not take part. Operations must register it first; if that was just now,"
        " try again in a moment with a new idempotency key."
    )

    community_code: str
