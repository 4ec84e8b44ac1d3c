"""How a remedy goes on, and when it is fixed: when another hand finds it so in a survey made afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.errors import Conflict, Forbidden

RemedyState = Literal["listed", "planned", "done", "fixed", "not_fixed"]
NEXT: dict[RemedyState, tuple[RemedyState, ...]] = {
    "listed": ("planned",),
    "planned": ("done", "planned"),
    "done": ("fixed", "not_fixed"),
    "not_fixed": ("planned",),
    "fixed": (),
}


@dataclass(kw_only=True, eq=False)
class RemedyStepRefused(Conflict):
    """The remedy does not stand where this step follows."""

    type = "remedy-step-refused"
    title = "整改进度不允许此操作"
    title_en = "The remedy allows no such step"
    detail = "整改当前为 {state}，不能变更为 {asked}。请刷新后再试。"
    detail_en = "The remedy is {state}; it cannot become {asked}. Look again and retry."

    state: str
    asked: str


@dataclass(kw_only=True, eq=False)
class NotListed(Conflict):
    """The community is not on the remedy list of this check-up."""

    type = "community-not-listed"
    title = "社区不在补短板清单内"
    title_en = "Community not on the remedy list"
    detail = "社区 {code} 不在该体检的补短板清单内。"
    detail_en = "The community {code} is not on this check-up's remedy list."

    code: str


@dataclass(kw_only=True, eq=False)
class NotResurveyed(Conflict):
    """Nobody has looked again since the work was done."""

    type = "remedy-not-resurveyed"
    title = "完工后尚未复查"
    title_en = "Not surveyed since"
    detail = "整改于 {done_at} 完工，此后没有资料足够的设施调查。关闭不等于解决：请先复查。"
    detail_en = "The work was done at {done_at}, and no survey with enough data was made since. Survey it again first."

    done_at: str


@dataclass(kw_only=True, eq=False)
class AuditedByOwnHand(Forbidden):
    """Who planned or did the work does not audit it."""

    type = "remedy-audited-by-own-hand"
    title = "不得自行验收"
    title_en = "No audit of one's own work"
    detail = "整改的计划人、完工人不能核查自己的整改。请由他人核查。"
    detail_en = "Who planned or did the work cannot audit it. Let somebody else."


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken."""

    state: RemedyState
    at: datetime
    by: str


def state_of(taken: Sequence[Taken]) -> RemedyState:
    """Return where a remedy stands."""
    return taken[-1].state if taken else "listed"


def check_step(taken: Sequence[Taken], asked: RemedyState) -> None:
    """Refuse a step that does not follow the last one.

    Raises:
        RemedyStepRefused: It does not.
    """
    if asked not in NEXT[state_of(taken)]:
        raise RemedyStepRefused(state=state_of(taken), asked=asked)


def check_auditor(taken: Sequence[Taken], auditor: str) -> None:
    """Refuse an audit by a hand that was in it.

    Raises:
        AuditedByOwnHand: It planned or did the work.
    """
    if any(step.by == auditor and step.state in {"planned", "done"} for step in taken):
        raise AuditedByOwnHand


def is_fixed(before_bp: int, after_bp: int, cutoff_bp: int) -> bool:
    """Tell whether the work helped: the index rose, and would not be listed again."""
    return after_bp > max(before_bp, cutoff_bp)
