"""What a plan may say, and when it may be used (S17)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from shared.errors import Conflict, Inadmissible, Unseen

Change = Literal["moved", "cancelled"]
DECIDERS = ("operator", "official")
"""Who drafts, approves, declares and stands down."""
WATCH = ("desk", *DECIDERS)
"""Who sees plans and emergencies, and completes tasks."""
TaskKind = Literal["care-visit", "supplies"]
TASK_HOURS: dict[TaskKind, int] = {"care-visit": 4, "supplies": 12}
"""Within how many hours a task is done (assumed)."""


@dataclass(kw_only=True, eq=False)
class PlanInadmissible(Inadmissible):
    """The plan contradicts itself."""

    type = "plan-inadmissible"
    title = "应急预案自相矛盾"
    title_en = "Plan contradicts itself"
    detail = "同一空间不能既征用又保留或接收改期预约，且征用空间须属于本社区。"
    detail_en = "A space is taken over, or kept, or receives what is moved, and all of them are the community's own."


@dataclass(kw_only=True, eq=False)
class PlanUnseen(Unseen):
    """There is no such plan, or none that the caller may see."""

    type = "plan-unseen"
    title = "没有这个应急预案"
    title_en = "No such plan"
    detail = "没有编号为 {plan_id} 的应急预案，或您无权查看。"
    detail_en = "There is no plan {plan_id} that this account may see."

    plan_id: str


@dataclass(kw_only=True, eq=False)
class PlanNotApproved(Conflict):
    """A plan is used when a second person has approved it."""

    type = "plan-not-approved"
    title = "预案尚未批准"
    title_en = "Plan is not approved"
    detail = "应急预案须由起草人以外的另一人批准后才能启用，请先批准。"
    detail_en = "A plan is used after someone other than its author has approved it; have it approved first."


@dataclass(kw_only=True, eq=False)
class TwoPersonsNeeded(Conflict):
    """Nobody approves a plan of its own, or one that is approved."""

    type = "two-persons-needed"
    title = "须由另一人批准"
    title_en = "Two persons are needed"
    detail = "预案不能由起草人自己批准，也不能重复批准，请由另一名官员批准。"
    detail_en = "A plan is approved once, by another official than its author."


@dataclass(kw_only=True, eq=False)
class EmergencyElsewhere(Conflict):
    """The plan is in force already, or the emergency is over."""

    type = "emergency-state"
    title = "应急状态不允许此操作"
    title_en = "Emergency is in another state"
    detail = "此预案{state}，不能重复操作；可先查看应急状态。"
    detail_en = "The plan is in force already, or its emergency is over; look at it first."

    state: str


@dataclass(kw_only=True, eq=False)
class EmergencyUnseen(Unseen):
    """There is no such emergency or task, or none that the caller may see."""

    type = "emergency-or-task-unseen"
    title = "没有这个应急事件或任务"
    title_en = "No such emergency or task"
    detail = "没有编号为 {emergency_id} 的应急事件或任务，或您无权查看。"
    detail_en = "There is no emergency or task {emergency_id} that this account may see."

    emergency_id: str


def check_plan(takeover: Collection[str], essential: Collection[str], refuges: Collection[str], known: int) -> None:
    """Refuse a plan that contradicts itself.

    Args:
        takeover: Spaces taken over.
        essential: Spaces kept as they are.
        refuges: Spaces to which bookings are moved.
        known: How many of all of them the community has.

    Raises:
        PlanInadmissible: A space has two fates, or is not the community's.
    """
    taken = set(takeover)
    if not taken or taken & (set(essential) | set(refuges)) or known != len(taken | set(essential) | set(refuges)):
        raise PlanInadmissible
