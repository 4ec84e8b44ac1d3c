"""What the desk's channel 代办 has of its own in scenarios (S8): hours kept for it, and ages for its report."""

from dataclasses import dataclass
from typing import Literal

from shared.assistance import DESK_ROLES, OnBehalf, admit
from shared.errors import Conflict
from shared.identity import Identity

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


def admit_resident(community_code: str, on_behalf: OnBehalf, by: Identity) -> None:
    """Admit a command of a resident of the community, or of its desk for one.

    Raises:
        OutOfScope: The caller is neither.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
    """
    at_desk = by.holds(community_code, *DESK_ROLES)
    admit(on_behalf, by=by.subject, at_desk=at_desk, area=community_code)
    if not at_desk:
        by.require(community_code, "resident")
