"""When a community owes enough: what counts against a cap, and what is left of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.errors import Conflict, Inadmissible

ALL = "all"
"""Stands for all other communities together, where a cap names its counterparty."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap in points: beyond `soft` somebody is told, beyond `hard` nothing is quoted any more."""

    counterparty: str
    soft: int
    hard: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a community owes another over all windows that are not settled, and what open quotes would add to it."""

    owed: int = 0
    quoted: int = 0

    @property
    def points(self) -> int:
        """Return both together; negative while the other owes more."""
        return self.owed + self.quoted


@dataclass(frozen=True, slots=True)
class Headroom:
    """What counts against a cap, and what it leaves."""

    cap: Cap
    exposure: Exposure

    @property
    def left(self) -> int:
        """Return how many points more may be quoted; none where the cap was lowered below what is owed."""
        return max(self.cap.hard - self.exposure.points, 0)


@dataclass(kw_only=True, eq=False)
class DebitCapReached(Conflict):
    """The payer's community would owe more than its cap allows."""

    type = "debit-cap-reached"
    title = "已达净借记上限"
    title_en = "Net debit cap reached"
    detail = (
        "社区 {community_code} 对 {counterparty}（all 为全部其他社区）的净借记上限为 {hard}，"
        "尚可使用 {left} 积分，本次需要 {required}。请减少数量，或待清算结算后再试。"
    )
    detail_en = (
        "{community_code} may owe {counterparty} (all: all others together) at most {hard}; {left} points are left and "
        "this takes {required}. Ask for less, or wait until what is owed has been settled."
    )

    community_code: str
    counterparty: str
    hard: int
    left: int
    required: int


@dataclass(kw_only=True, eq=False)
class CapOutOfOrder(Inadmissible):
    """The soft limit lies beyond the hard one, or a community would have a cap against itself."""

    type = "cap-out-of-order"
    title = "上限设置不成立"
    title_en = "Cap out of order"
    detail = "预警线 {soft} 不得高于上限 {hard}，且对方须为另一社区。"
    detail_en = "The soft limit {soft} must not lie beyond the hard one {hard}, and the counterparty must be another."

    soft: int
    hard: int


def headrooms(caps: Iterable[Cap], exposures: Mapping[str, Exposure], to_community: str) -> list[Headroom]:
    """Return what is left of each cap that concerns points spent in a community.

    Against the cap for all others counts what is owed to each of those that are owed anything: what a third owes is not
    set off, because it may be settled first, and then the debts would stand alone.
    """
    owing = [exposure for exposure in exposures.values() if exposure.points > 0]
    together = Exposure(sum(one.owed for one in owing), sum(one.quoted for one in owing))
    found = {ALL: together, to_community: exposures.get(to_community, Exposure())}
    return [Headroom(cap, found[cap.counterparty]) for cap in caps if cap.counterparty in found]


def within(community_code: str, rooms: Iterable[Headroom], points: int) -> list[Headroom]:
    """Return those whose soft limit a quote passes; each one's exposure has the quote in it already.

    Raises:
        DebitCapReached: A hard limit is passed.
    """
    passed = []
    for room in rooms:
        before, cap = room.exposure.points - points, room.cap
        if room.exposure.points > cap.hard:
            raise DebitCapReached(
                community_code=community_code,
                counterparty=cap.counterparty,
                hard=cap.hard,
                left=max(cap.hard - before, 0),
                required=points,
            )
        if before <= cap.soft < room.exposure.points:
            passed.append(room)
    return passed


def tightest(rooms: Iterable[Headroom]) -> Headroom | None:
    """Return the cap that leaves least, and so decides; None where there is no cap."""
    return min(rooms, key=lambda room: room.left, default=None)


def why(room: Headroom | None) -> tuple[str, str]:
    """Say in Chinese and in English why there is so much left, by the cap that decides."""
    if room is None:
        return (
            "未设净借记上限：只受本人可用积分限制。",
            "No net debit cap is set: only the points that one has are a limit.",
        )
    all_others = room.cap.counterparty == ALL
    whom = "全部其他社区" if all_others else f"社区 {room.cap.counterparty}"
    whom_en = "all others together" if all_others else room.cap.counterparty
    cap, exposure = room.cap, room.exposure
    zh = f"对{whom}的净借记上限为 {cap.hard}：未结算净欠 {exposure.owed}，有效报价占用 {exposure.quoted}"
    en = f"The cap against {whom_en} is {cap.hard}: {exposure.owed} owed and not settled, {exposure.quoted} quoted"
    return f"{zh}，尚余 {room.left}。", f"{en}, {room.left} left."
