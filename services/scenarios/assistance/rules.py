"""What the desk's channel 代办 has of its own in scenarios (S8): hours kept for it, and ages for its report."""

from dataclasses import dataclass
from typing import Literal

from shared.errors import Conflict

Band = Literal["0-17", "18-59", "60-79", "80+"]
"""Age bands of the equity report."""
STAFF_ROLES = ("desk", "operator", "official")
"""Who may publish, and see the records of residents, at the community or above it."""


@dataclass(kw_only=True, eq=False)
class ReservedForAssisted(Conflict):
    """The hours are kept for those who are helped, until shortly before."""

    type = "reserved-for-assisted"
    title = "时段为代办预留"
    title_en = "Hours are kept for assisted bookings"
    detail = "此时段为电话、服务台、上门和纸质代办预留，开始前 {release_hours} 小时起对所有人开放；也可选择其他时段。"
    detail_en = (
        "These hours are kept for the desk's channels and open to all {release_hours} hours before the start; choose"
        " others, or come back then."
    )

    release_hours: int
