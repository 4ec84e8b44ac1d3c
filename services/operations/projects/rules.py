"""The stages of a project, what each gate takes, and how far the project is behind its plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from shared.errors import Conflict, Inadmissible, Unseen

Stage = Literal["applying", "creating", "accepting", "operating"]
"""申报, 创建, 验收, 运营."""
STAGES: tuple[Stage, ...] = ("applying", "creating", "accepting", "operating")

GATES: Mapping[Stage, frozenset[str]] = {
    "applying": frozenset({"application", "resident_survey", "implementation_plan"}),
    "creating": frozenset({"completion_certificate", "facility_handover"}),
    "accepting": frozenset({"self_assessment", "satisfaction_survey", "acceptance_report"}),
}
"""What must be on file before a stage is left; the last stage is not left."""


@dataclass(kw_only=True, eq=False)
class ProjectUnseen(Unseen):
    """There is no such project."""

    type = "project-unseen"
    title = "未找到该项目"
    title_en = "No such project"
    detail = "未找到创建项目 {project_id}。请核对项目编号。"
    detail_en = "There is no project {project_id}. Check its id."

    project_id: str


@dataclass(kw_only=True, eq=False)
class PlanOutOfOrder(Inadmissible):
    """The dates of a plan do not follow each other."""

    type = "project-plan-out-of-order"
    title = "计划节点顺序有误"
    title_en = "Plan out of order"
    detail = "计划日期须依次为申报、创建、验收。请调整后重新提交。"
    detail_en = "The stages end one after the other: application, creation, acceptance. Correct the dates."


@dataclass(kw_only=True, eq=False)
class EvidenceMissing(Inadmissible):
    """A gate lacks papers."""

    type = "project-evidence-missing"
    title = "阶段材料不齐"
    title_en = "Evidence missing"
    detail = "阶段 {stage} 还缺材料：{missing}。请补齐后再提交。"
    detail_en = "The stage {stage} still lacks: {missing}. Add them and try again."

    stage: str
    missing: str


@dataclass(kw_only=True, eq=False)
class NotTheStage(Conflict):
    """The project is in another stage."""

    type = "project-in-another-stage"
    title = "项目不在该阶段"
    title_en = "Project in another stage"
    detail = "项目当前处于 {stage} 阶段，不能通过 {asked} 阶段的关口。"
    detail_en = "The project is in the stage {stage}; the gate of {asked} is not the next."

    stage: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The days on which the stages are to be done."""

    applying: date
    creating: date
    accepting: date

    def ends(self) -> dict[Stage, date]:
        """Return the planned end of each stage that ends."""
        return {"applying": self.applying, "creating": self.creating, "accepting": self.accepting}


@dataclass(frozen=True, slots=True)
class StageStanding:
    """A stage against the plan.

    Attributes:
        baseline: The day first planned.
        planned: The day planned last.
        passed: The day it was passed; None when it has not been.
        slip_days: Days behind the baseline, so far; negative when early, None when it is not due.
        forecast: When it will be passed, if the present delay is not made good.
    """

    stage: Stage
    baseline: date
    planned: date
    passed: date | None
    slip_days: int | None
    forecast: date


def check_plan(plan: Plan) -> None:
    """Refuse a plan whose stages do not follow each other.

    Raises:
        PlanOutOfOrder: They do not.
    """
    if any(later < earlier for earlier, later in pairwise(plan.ends().values())):
        raise PlanOutOfOrder


def current_stage(passed: Mapping[Stage, date]) -> Stage:
    """Return the first stage whose gate has not been passed."""
    return next(stage for stage in STAGES if stage not in passed)


def check_gate(stage: Stage, asked: Stage, evidence: Mapping[str, str]) -> None:
    """Refuse to pass a gate that is not the next, or that lacks papers.

    Raises:
        NotTheStage: The project is in another stage, or in operation, which is not left.
        EvidenceMissing: A paper is not on file.
    """
    if asked != stage or asked not in GATES:
        raise NotTheStage(stage=stage, asked=asked)
    if missing := GATES[stage] - {kind for kind, reference in evidence.items() if reference.strip()}:
        raise EvidenceMissing(stage=stage, missing="、".join(sorted(missing)))


def standing(baseline: Plan, plan: Plan, passed: Mapping[Stage, date], today: date) -> list[StageStanding]:
    """Compare each stage with the first plan and the last.

    What is late today pushes what follows: a stage that is not passed is forecast at its planned day, or today if that
    is later, and the stages after it by as many days later.
    """
    lines, delay = [], timedelta(0)
    for (stage, first), planned in zip(baseline.ends().items(), plan.ends().values(), strict=True):
        done = passed.get(stage)
        forecast = done or max(planned + delay, today)
        delay = max(forecast - planned, timedelta(0))
        known = done or (today if today > first else None)
        lines.append(StageStanding(stage, first, planned, done, (known - first).days if known else None, forecast))
    return lines
