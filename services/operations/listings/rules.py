"""How a provider moves between the lists, where and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.errors import Conflict, Inadmissible, Unseen
from shared.fields import covers

State = Literal["candidate", "listed", "watched", "debarred"]


Ground = Literal["decision", "appeal", "rehabilitation"]


RunningContracts = Literal["continue", "suspend", "terminate"]
"""What a debarment does to contracts in force."""


Scene = Literal[
    "neighbourhood",
    "education",
    "health",
    "entrepreneurship",
    "building",
    "transport",
    "low_carbon",
    "service",
    "governance",
]
"""The nine scenes of a future community."""


NEXT: dict[State, frozenset[State]] = {
    "candidate": frozenset({"listed"}),
    "listed": frozenset({"watched", "debarred"}),
    "watched": frozenset({"listed", "debarred"}),
    "debarred": frozenset({"listed", "watched"}),
}
"""From each state the states that a decision may lead to; out of a debarment, an appeal or rehabilitation."""


SEVERITY: dict[State, int] = {"candidate": 0, "listed": 1, "watched": 2, "debarred": 3}


APPEAL_WITHIN = timedelta(days=60)
"""Administrative Reconsideration Law, art. 20: sixty days from when the decision was known."""


REHABILITATION_AFTER = timedelta(days=90)
"""NDRC order 58 of 2023: a record is public for three months at least before it may be repaired."""


@dataclass(kw_only=True, eq=False)
class ListingStepRefused(Conflict):
    """The state machine has no such step."""

    type = "listing-step-refused"
    title = "名单状态不允许此操作"
    title_en = "The list allows no such step"
    detail = "当前状态为 {state}，不能变更为 {asked}。"
    detail_en = "The provider is {state}; it cannot become {asked}."

    state: str
    asked: str


@dataclass(kw_only=True, eq=False)
class DecisionOutOfOrder(Conflict):
    """A decision would take effect before the one it follows."""

    type = "decision-out-of-order"
    title = "生效时间早于上一决定"
    title_en = "Effective before the decision it follows"
    detail = "生效时间不得早于上一决定的生效时间 {not_before}。"
    detail_en = "The decision before took effect at {not_before}; this one may not take effect earlier."

    not_before: str


@dataclass(kw_only=True, eq=False)
class TermInvalid(Inadmissible):
    """Something would end before it starts."""

    type = "term-invalid"
    title = "起止时间有误"
    title_en = "Ends before it starts"
    detail = "结束时间须晚于开始时间 {starts}。"
    detail_en = "The end has to be after the start, {starts}."

    starts: str


@dataclass(kw_only=True, eq=False)
class NotToBeAppealed(Conflict):
    """There is nothing to appeal against, or it is too late."""

    type = "decision-not-appealable"
    title = "该决定不可申诉"
    title_en = "No appeal possible"
    detail = "只能对生效中的观察或黑名单决定，在作出后 60 日内申诉一次。"
    detail_en = "One appeal lies against a decision to watch or debar that stands, within 60 days of it."


@dataclass(kw_only=True, eq=False)
class AppealUnseen(Unseen):
    """No appeal against this decision waits for an answer."""

    type = "appeal-unseen"
    title = "未找到待决申诉"
    title_en = "No such appeal"
    detail = "针对第 {revision} 号决定没有待处理的申诉。"
    detail_en = "No appeal against the decision {revision} waits for an answer."

    revision: int


@dataclass(kw_only=True, eq=False)
class JudgeInOwnCause(Conflict):
    """Who decided may not decide on the appeal."""

    type = "judge-in-own-cause"
    title = "原决定人须回避"
    title_en = "Recusal required"
    detail = "作出原决定的人员不得处理对该决定的申诉，请由他人处理。"
    detail_en = "Who made the decision may not answer the appeal against it; another official has to."


@dataclass(kw_only=True, eq=False)
class TooEarlyToRehabilitate(Conflict):
    """A debarment has not lasted long enough, or is none."""

    type = "rehabilitation-too-early"
    title = "尚不能信用修复"
    title_en = "Too early for rehabilitation"
    detail = "列入黑名单满 90 日（{not_before} 起）后方可申请信用修复。"
    detail_en = "Rehabilitation is possible 90 days after the debarment took effect, from {not_before} on."

    not_before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a decision holds: an area by its prefix and a scene; empty for everywhere and for all scenes."""

    area: str = ""
    scene: str = ""

    def holds(self, community_code: str, scene: str) -> bool:
        """Tell whether it covers what is asked for; asked for no community or scene, only what holds for all."""
        return covers(self.area, community_code) and self.scene in {"", scene}


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision on a provider's state, in one scope, from a time and perhaps until a time."""

    revision: int
    state: State
    scope: Scope
    effective_at: datetime
    ends_at: datetime | None
    running_contracts: RunningContracts = "continue"

    def in_effect(self, at: datetime) -> bool:
        """Tell whether it holds at a time, as long as none follows it."""
        return self.effective_at <= at and (self.ends_at is None or at < self.ends_at)


def standing(decisions: Sequence[Decision], at: datetime, community_code: str = "", scene: str = "") -> State | None:
    """Return where a provider stands at a time, for a community and scene; None when it was not registered yet.

    In each scope the latest decision in effect counts: when one ends by its term, what it replaced is back. Of the
    scopes that cover what is asked for, the gravest counts.
    """
    latest: dict[Scope, State] = {}
    for decision in sorted(decisions, key=lambda one: one.revision):
        if decision.in_effect(at) and decision.scope.holds(community_code, scene):
            latest[decision.scope] = decision.state
    if latest.get(EVERYWHERE) in {None, "candidate"}:
        return latest.get(EVERYWHERE)
    return max(latest.values(), key=SEVERITY.__getitem__)


def is_debarred_from(decisions: Sequence[Decision], now: datetime, community_code: str, scene: str) -> bool:
    """Tell whether a provider is debarred for a community and scene, or a decision says that it will be."""
    return bool(_debarments(decisions, now, community_code, scene))


def suspends_contracts(decisions: Sequence[Decision], now: datetime, community_code: str, scene: str) -> bool:
    """Tell whether a debarment that holds, or will, has suspended a provider's contracts of a community and scene."""
    return any(one.running_contracts == "suspend" for one in _debarments(decisions, now, community_code, scene))


def _debarments(decisions: Sequence[Decision], now: datetime, community_code: str, scene: str) -> list[Decision]:
    last: dict[Scope, Decision] = {}
    for decision in sorted(decisions, key=lambda one: one.revision):
        if decision.scope.holds(community_code, scene):
            last[decision.scope] = decision
    return [one for one in last.values() if one.state == "debarred" and (one.ends_at is None or one.ends_at > now)]


def check_way_out(state: State, ground: Ground, asked: State) -> None:
    """Refuse to lift a debarment by a plain decision: that takes an appeal or rehabilitation.

    Raises:
        ListingStepRefused: It would.
    """
    if state == "debarred" and ground == "decision":
        raise ListingStepRefused(state=state, asked=asked)


def check_step(state: State, effective_at: datetime, *, asked: State, asked_effective_at: datetime) -> None:
    """Refuse a decision that may not follow the present one.

    Args:
        state: Where the provider is.
        effective_at: Since when.
        asked: Where the decision would lead.
        asked_effective_at: When it would take effect.

    Raises:
        ListingStepRefused: The states do not follow each other.
        DecisionOutOfOrder: It would take effect before the present one did.
    """
    if asked not in NEXT[state]:
        raise ListingStepRefused(state=state, asked=asked)
    if asked_effective_at < effective_at:
        raise DecisionOutOfOrder(not_before=effective_at.isoformat())


def check_term(starts: datetime, ends: datetime | None) -> None:
    """Refuse a term that ends before it starts.

    Raises:
        TermInvalid: It does.
    """
    if ends is not None and ends <= starts:
        raise TermInvalid(starts=starts.isoformat())


def check_rehabilitation(state: State, effective_at: datetime, now: datetime) -> None:
    """Refuse to rehabilitate who is not debarred, or not for long enough.

    Raises:
        ListingStepRefused: The provider is not debarred.
        TooEarlyToRehabilitate: It has not been for `REHABILITATION_AFTER`.
    """
    if state != "debarred":
        raise ListingStepRefused(state=state, asked="listed")
    if now < effective_at + REHABILITATION_AFTER:
        raise TooEarlyToRehabilitate(not_before=(effective_at + REHABILITATION_AFTER).isoformat())
