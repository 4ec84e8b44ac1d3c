"""How a need list follows from a survey, and what may answer a need (S14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.errors import Conflict, Unseen

AnswerKind = Literal["programme", "space", "activity", "facility"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An option that was chosen, its rank from 1, and the indicator of the catalogue that it is a need for."""

    question: str
    option: str
    votes: int
    rank: int
    indicator_no: int


@dataclass(kw_only=True, eq=False)
class SurveyStillOpen(Conflict):
    """A need list is drawn when all answers are in."""

    type = "survey-still-open"
    title = "调研尚未结束"
    title_en = "Survey is still open"
    detail = "调研于 {closes_at} 结束，之后才能形成需求清单。"
    detail_en = "The survey closes at {closes_at}; its need list is drawn after that."

    closes_at: str


@dataclass(kw_only=True, eq=False)
class NeedUnseen(Unseen):
    """There is no such need."""

    type = "need-unseen"
    title = "没有这条需求"
    title_en = "No such need"
    detail = "没有编号为 {need_id} 的需求，请从需求清单中选择。"
    detail_en = "There is no need {need_id}; choose one of the need list."

    need_id: str


@dataclass(kw_only=True, eq=False)
class AnswerUnseen(Unseen):
    """What is to answer the need is not there."""

    type = "need-answer-unseen"
    title = "没有可回应需求的对象"
    title_en = "Nothing there to answer the need"
    detail = "本社区没有编号为 {answer_id} 的 {kind}，请先建立后再关联。"
    detail_en = "The community has no {kind} {answer_id}; make it first, then link it."

    kind: str
    answer_id: str


def needs_of(choices: Mapping[str, Mapping[str, int]], indicators: Mapping[str, Mapping[str, int]]) -> list[Wanted]:
    """Return what was chosen at all, the most wanted first; equals keep the instrument's order and share a rank."""
    wanted = [
        (votes, question, option) for question, counted in choices.items() for option, votes in counted.items() if votes
    ]
    ordered = sorted(wanted, key=lambda one: -one[0])
    better = {votes: sum(other[0] > votes for other in wanted) for votes, _, _ in wanted}
    return [Wanted(q, option, votes, better[votes] + 1, indicators[q][option]) for votes, q, option in ordered]
