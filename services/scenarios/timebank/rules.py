"""What may follow what in a visit, and how many quarter hours it counts. One hour of anybody's help is one hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from shared.assistance import subject_of
from shared.errors import Conflict, Forbidden, Inadmissible, Unseen

Side = Literal["request", "offer"]
PostState = Literal["open", "agreed", "withdrawn"]
VisitState = Literal["pledging", "pledged", "refused", "started", "ended", "disputed", "confirmed", "cancelled"]
Part = Literal["giver", "receiver"]
StepKind = Literal["check-in", "check-out", "confirm", "dispute", "cancel"]

QUARTER = timedelta(minutes=15)
QUARTERS_MAX = 32
EARLY, LATE = timedelta(hours=1), timedelta(hours=12)
"""How long before its time a visit may be checked in to, and after it."""
PLEDGED_FOR = timedelta(days=14)
"""How long after a visit's time its hours stay pledged, for both sides to confirm."""


@dataclass(kw_only=True, eq=False)
class HelpUnseen(Unseen):
    """There is no such request, offer or visit, or it is no business of the caller's."""

    type = "help-unseen"
    title = "没有这条互助记录"
    title_en = "No such help"
    detail = "没有编号为 {help_id} 的互助记录，或您无权查看、办理。"
    detail_en = "There is no help {help_id}, or it is not yours to see or to deal with."

    help_id: str


@dataclass(kw_only=True, eq=False)
class HelpElsewhere(Conflict):
    """It does not stand where this step follows."""

    type = "help-elsewhere"
    title = "互助状态不允许此操作"
    title_en = "The help allows no such step"
    detail = "互助当前为 {state}，不能执行此操作。请刷新后再试。"
    detail_en = "The help is {state}, which does not allow this. Look again."

    state: str


@dataclass(kw_only=True, eq=False)
class OwnHelp(Forbidden):
    """Nobody helps themselves, or the one whose hours pay."""

    type = "own-help"
    title = "不能与自己互助"
    title_en = "One's own help"
    detail = "提供方与接受方、出时间币的一方不能是同一人。请由他人响应。"
    detail_en = "Who gives help is not who gets it or pays for it. Let somebody else answer."


@dataclass(kw_only=True, eq=False)
class TimePassed(Inadmissible):
    """The help is to begin in the past."""

    type = "help-in-the-past"
    title = "开始时间已过"
    title_en = "It is to begin in the past"
    detail = "开始时间须晚于现在。请另选时间。"
    detail_en = "Choose a time to come."


@dataclass(kw_only=True, eq=False)
class OutsideVisit(Conflict):
    """It is too early or too late to check in."""

    type = "outside-visit-time"
    title = "不在签到时间内"
    title_en = "Outside the visit's time"
    detail = "签到时间为 {opens_at} 至 {closes_at}。错过的互助请取消后另约。"
    detail_en = "One checks in from {opens_at} to {closes_at}. Cancel what was missed, and agree on another time."

    opens_at: str
    closes_at: str


@dataclass(kw_only=True, eq=False)
class OwnCorrection(Forbidden):
    """A correction takes two members of staff, neither of them a party."""

    type = "own-help-correction"
    title = "更正须由另一人同意"
    title_en = "A correction takes two persons"
    detail = "互助时长的更正须由一人提出、另一人同意，且均不得为当事人。"
    detail_en = "One member of staff proposes a correction, another agrees; neither is a party to the visit."


@dataclass(frozen=True, slots=True)
class Parties:
    """Who gives a visit's help, who gets it, and whose hours pay for it."""

    giver: UUID
    receiver: UUID
    payer: UUID | None

    def part_of(self, resident_id: UUID) -> Part | None:
        """Return on which side a resident stands, if on one; who pays stands with who gets the help."""
        if resident_id == self.giver:
            return "giver"
        return "receiver" if resident_id in {self.receiver, self.payer} else None

    def subjects(self) -> set[str]:
        """Return the subjects of all of them."""
        return {subject_of(one) for one in (self.giver, self.receiver, self.payer) if one}


def parties_of(side: Side, poster: UUID, receiver: UUID | None, answering: UUID, *, community_pays: bool) -> Parties:
    """Return who is who when somebody answers a request, or takes up an offer.

    Raises:
        OwnHelp: One of them would be on both sides.
    """
    if side == "request":
        parties = Parties(answering, receiver or poster, None if community_pays else poster)
    else:
        parties = Parties(poster, answering, answering)
    if parties.giver in {parties.receiver, parties.payer, poster if side == "request" else None}:
        raise OwnHelp
    return parties


def require_state(state: str, *wanted: str) -> None:
    """Refuse what stands elsewhere.

    Raises:
        HelpElsewhere: It does.
    """
    if state not in wanted:
        raise HelpElsewhere(state=state)


def require_time(now: datetime, starts_at: datetime) -> None:
    """Refuse to check in long before a visit's time, or after it.

    Raises:
        OutsideVisit: It is.
    """
    opens_at, closes_at = starts_at - EARLY, starts_at + LATE
    if not opens_at <= now <= closes_at:
        raise OutsideVisit(opens_at=opens_at.isoformat(), closes_at=closes_at.isoformat())


def count_quarters(checked_in_at: datetime, checked_out_at: datetime, agreed: int) -> int:
    """Return the whole quarter hours of a visit, at most those that were agreed."""
    return min((checked_out_at - checked_in_at) // QUARTER, agreed)
