"""Which items of a check-up fail, until when they are to be mended, and how a work order goes on.

Neither the limit nor the days are public; both are this platform's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal

from services.operations.checkups.rules import Subclass, Survey, parts
from shared.errors import Conflict, Forbidden, Unseen

PASS = Fraction(6, 10)
URGENT_BELOW = Fraction(3, 10)
Urgency = Literal["urgent", "usual"]
DAYS: dict[Urgency, int] = {"urgent": 30, "usual": 90}
WorkState = Literal["raised", "assigned", "done", "sent_back", "accepted"]
NEXT: dict[WorkState, tuple[WorkState, ...]] = {
    "raised": ("assigned",),
    "assigned": ("done", "assigned"),
    "done": ("accepted", "sent_back"),
    "sent_back": ("done", "assigned"),
    "accepted": (),
}


@dataclass(kw_only=True, eq=False)
class NothingFails(Conflict):
    """The check-up found nothing in the community that fails."""

    type = "nothing-fails"
    title = "没有不合格项"
    title_en = "Nothing fails"
    detail = "社区 {code} 在该体检中没有低于 60% 的已查项目，无需派单。"
    detail_en = "Nothing that was looked at in {code} is below 60 %; there is no work to order."

    code: str


@dataclass(kw_only=True, eq=False)
class WorkOrderUnseen(Unseen):
    """There is no such work order."""

    type = "work-order-unseen"
    title = "未找到该工单"
    title_en = "No such work order"
    detail = "未找到工单 {order_id}。请核对编号。"
    detail_en = "There is no work order {order_id}. Check its id."

    order_id: str


@dataclass(kw_only=True, eq=False)
class WorkStepRefused(Conflict):
    """The work order does not stand where this step follows."""

    type = "work-step-refused"
    title = "工单状态不允许此操作"
    title_en = "The work order allows no such step"
    detail = "工单当前为 {state}，不能变更为 {asked}。请刷新后再试。"
    detail_en = "The work order is {state}; it cannot become {asked}. Look again and retry."

    state: str
    asked: str


@dataclass(kw_only=True, eq=False)
class AcceptedByOwnHand(Forbidden):
    """Who assigned or did the work does not accept it."""

    type = "work-accepted-by-own-hand"
    title = "不得自行验收"
    title_en = "No acceptance of one's own work"
    detail = "派单人、完工人不能验收自己的工单。请由他人验收。"
    detail_en = "Who assigned or did the work cannot accept it. Let somebody else."


@dataclass(frozen=True, slots=True)
class Failure:
    """A kind of facility that fails, in which parts, and how soon it is to be mended."""

    item: str
    name: str
    parts: tuple[str, ...]
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken."""

    state: WorkState
    at: datetime
    by: str


def failures(survey: Survey, scheme: Sequence[Subclass]) -> list[Failure]:
    """Return what fails: known, and below 60 % in a part; below 30 % it is urgent. What was not looked at does not."""
    found = []
    for subclass in scheme:
        known = {part: value for part, value in parts(survey, subclass).items() if value is not None}
        low = tuple(part for part, value in known.items() if value < PASS)
        if low:
            urgency: Urgency = "urgent" if min(known.values()) < URGENT_BELOW else "usual"
            found.append(Failure(subclass.code, subclass.name, low, urgency))
    return found


def due_on(raised_on: date, urgency: Urgency) -> date:
    """Return the last day for the work, by how urgent it is."""
    return raised_on + timedelta(days=DAYS[urgency])


def state_of(taken: Sequence[Taken]) -> WorkState:
    """Return where a work order stands."""
    return taken[-1].state if taken else "raised"


def check_step(taken: Sequence[Taken], asked: WorkState, by: str) -> None:
    """Refuse a step that does not follow the last one, and an acceptance by a hand that was in the work.

    Raises:
        WorkStepRefused: It does not follow.
        AcceptedByOwnHand: Who accepts or sends back assigned or did the work.
    """
    if asked not in NEXT[state_of(taken)]:
        raise WorkStepRefused(state=state_of(taken), asked=asked)
    if asked in {"accepted", "sent_back"} and any(one.by == by and one.state in {"assigned", "done"} for one in taken):
        raise AcceptedByOwnHand
