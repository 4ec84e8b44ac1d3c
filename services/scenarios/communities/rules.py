"""What holds for communities."""

from dataclasses import dataclass
from typing import ClassVar

from shared.errors import Conflict


@dataclass(kw_only=True, eq=False)
class CommunityNotRegistered(Conflict):
    """The community does not take part, or the word of it has not arrived yet."""

    type: ClassVar[str] = "community-not-registered"
    title: ClassVar[str] = "社区尚未登记"
    title_en: ClassVar[str] = "Community is not registered"
    detail: ClassVar[str] = "社区 {community_code} 尚未登记。请先在运营服务中登记；若刚刚登记，请稍后换新的幂等键重试。"
    detail_en: ClassVar[str] = (
        "Community {community_code} is not registered. Register it in operations first; if it was registered just now,"
        " try again in a moment with a new idempotency key."
    )

    community_code: str
