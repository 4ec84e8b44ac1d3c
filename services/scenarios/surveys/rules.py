"""What an instrument may ask, what an answer may say, and what satisfaction amounts to (S14).

No binary fraction takes part: answers are whole, means are fractions, and only the half width of an interval, which has
a square root in it, is rounded, upwards.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any, Literal

from shared.errors import Conflict, Inadmissible, Unseen

SurveyKind = Literal["demand", "satisfaction"]
SCALE = (1, 5)
Z_95 = Fraction(49, 25)
"""1.96 standard errors: an interval that covers the mean in 95 of 100 surveys."""
HOUSEHOLDS_GATE = Fraction(1, 2)
MEAN_GATE = Fraction(9, 2)
"""Half of the households, and 4.5 of 5 (acceptance rules of the province, quoted)."""
MILLI = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """One question: a scale of 1 to 5, or options of which up to `most` are chosen.

    Attributes:
        options: For a choice: its options, each with the indicator of the catalogue that it is a need for.
        overall: The scale that satisfaction is measured by.
    """

    key: str
    text: str
    kind: Literal["scale", "choice"]
    options: Mapping[str, int] | None = None
    most: int = 1
    overall: bool = False


@dataclass(frozen=True, slots=True)
class Estimate:
    """Satisfaction in a sample, weighted by the households of the strata; means in thousandths, rounded down.

    Attributes:
        uncovered: Strata of which nobody has answered; the mean does not speak for them, and the gate is shut.
    """

    answers: int
    households: int
    households_answered: int
    mean_milli: int | None
    low_milli: int | None
    high_milli: int | None
    uncovered: tuple[str, ...]
    enough_households: bool
    satisfied: bool
    passed: bool


@dataclass(kw_only=True, eq=False)
class InstrumentInadmissible(Inadmissible):
    """Nobody could answer, or nothing could be made of the answers."""

    type = "instrument-inadmissible"
    title = "问卷设置有误"
    title_en = "Instrument is inadmissible"
    detail = (
        "题目 {question} 有误：题号不可重复；选择题须有选项且可选数不超过选项数；满意度调查须有且只有一道总体评分题。"
    )
    detail_en = (
        "Question {question}: keys differ; a choice has options, and no more may be chosen than there are; a"
        " satisfaction survey has exactly one overall scale."
    )

    question: str


@dataclass(kw_only=True, eq=False)
class AnswersInadmissible(Inadmissible):
    """An answer is not what its question allows."""

    type = "answers-inadmissible"
    title = "答卷填写有误"
    title_en = "Answers are inadmissible"
    detail = "题目 {questions} 未答、重复或超出范围，请按问卷改正。"
    detail_en = "The answers to {questions} are missing, doubled or out of range; mend them by the instrument."

    questions: str


@dataclass(kw_only=True, eq=False)
class StratumUnknown(Inadmissible):
    """The stratum is none of the survey's."""

    type = "stratum-unknown"
    title = "分组不在调查框内"
    title_en = "Stratum is unknown"
    detail = "分组 {stratum} 不在此调查中，可用分组：{known}。"
    detail_en = "The survey has no stratum {stratum}; it has {known}."

    stratum: str
    known: str


@dataclass(kw_only=True, eq=False)
class SurveyUnseen(Unseen):
    """There is no such survey."""

    type = "survey-unseen"
    title = "没有这份调研"
    title_en = "No such survey"
    detail = "没有编号为 {survey_id} 的调研，请从社区的调研列表中选择。"
    detail_en = "There is no survey {survey_id}; choose one from the community's list."

    survey_id: str


@dataclass(kw_only=True, eq=False)
class SurveyNotOpen(Conflict):
    """Answers are not taken now."""

    type = "survey-not-open"
    title = "调研不在开放时间"
    title_en = "Survey is not open"
    detail = "答卷时间为 {opens_at} 至 {closes_at}。"
    detail_en = "Answers are taken from {opens_at} to {closes_at}."

    opens_at: str
    closes_at: str


@dataclass(kw_only=True, eq=False)
class AlreadyResponded(Conflict):
    """One person, one answer: the first counts, by whichever channel."""

    type = "already-responded"
    title = "已答过此调研"
    title_en = "Already answered"
    detail = "该居民已答过此调研，每人一份，以先答的为准。"
    detail_en = "The resident has answered this survey: one each, and the first counts."


@dataclass(kw_only=True, eq=False)
class InstrumentChanged(Conflict):
    """The answers are to another instrument than the survey's."""

    type = "instrument-changed"
    title = "问卷版本不符"
    title_en = "Another instrument"
    detail = "答卷对应的问卷与本调研不同，请重新取得问卷（{instrument}）后作答。"
    detail_en = "These answers are to another instrument; fetch that of the survey ({instrument}) and answer it."

    instrument: str


@dataclass(kw_only=True, eq=False)
class EnterOnPaperTwice(Inadmissible):
    """An answer from paper counts when two persons have entered it alike."""

    type = "enter-on-paper-twice"
    title = "纸质答卷须双人录入"
    title_en = "Paper is entered twice"
    detail = "纸质答卷请用双人录入：由两名工作人员各录一遍，一致后生效。"
    detail_en = "Use the entries of paper: two members of staff enter it each, and it counts when they agree."


def fingerprint(questions: Sequence[Question]) -> str:
    """Return the hash by which an instrument is known; it is frozen when the survey is published."""
    plain = [
        {"key": one.key, "text": one.text, "kind": one.kind, "options": one.options and dict(one.options),
         "most": one.most, "overall": one.overall}
        for one in questions
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def check_instrument(kind: SurveyKind, questions: Sequence[Question]) -> None:
    """Refuse an instrument that nobody could answer.

    Raises:
        InstrumentInadmissible: See its detail.
    """
    seen: set[str] = set()
    for question in questions:
        sound = (
            bool(question.options) and 1 <= question.most <= len(question.options or ()) and not question.overall
            if question.kind == "choice"
            else not question.options
        )
        if question.key in seen or not sound:
            raise InstrumentInadmissible(question=question.key)
        seen.add(question.key)
    if kind == "satisfaction" and sum(question.overall for question in questions) != 1:
        raise InstrumentInadmissible(question="overall")


def check_answers(questions: Sequence[Question], answers: Mapping[str, Any]) -> None:
    """Refuse answers that are not what the instrument asks.

    Raises:
        AnswersInadmissible: A question is unanswered or answered out of range, or there is none of that key.
    """
    wrong = [one.key for one in questions if not _fits(one, answers.get(one.key))]
    wrong += sorted(answers.keys() - {one.key for one in questions})
    if wrong:
        raise AnswersInadmissible(questions="、".join(wrong))


def _fits(question: Question, answer: object) -> bool:
    if question.kind == "scale":
        return type(answer) is int and SCALE[0] <= answer <= SCALE[1]
    if not isinstance(answer, list) or not 1 <= len(answer) <= question.most:
        return False
    return len(set(answer)) == len(answer) and set(answer) <= set(question.options or ())


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the questions that two entries of one paper answer differently."""
    return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))


def estimate(
    strata: Mapping[str, int], scores: Mapping[str, Sequence[int]], households_answered: Mapping[str, int]
) -> Estimate:
    """Estimate satisfaction from a stratified sample.

    Args:
        strata: Households of each stratum.
        scores: The overall scores given in each stratum.
        households_answered: Different households that answered, by stratum.
    """
    covered = {key: list(given) for key, given in scores.items() if given}
    households, answered = sum(strata.values()), sum(households_answered.values())
    uncovered = tuple(sorted(key for key, size in strata.items() if size and key not in covered))
    enough = Fraction(answered, households) >= HOUSEHOLDS_GATE
    mean, variance = _mean_and_variance(strata, covered)
    satisfied = mean is not None and mean >= MEAN_GATE
    half = _root_up(variance) * Z_95
    return Estimate(
        answers=sum(map(len, covered.values())),
        households=households,
        households_answered=answered,
        mean_milli=None if mean is None else int(mean * MILLI),
        low_milli=None if mean is None else max(int((mean - half) * MILLI), SCALE[0] * MILLI),
        high_milli=None if mean is None else min(-int(-(mean + half) * MILLI // 1), SCALE[1] * MILLI),
        uncovered=uncovered,
        enough_households=enough,
        satisfied=satisfied,
        passed=enough and satisfied and not uncovered,
    )


def _mean_and_variance(
    strata: Mapping[str, int], covered: Mapping[str, Sequence[int]]
) -> tuple[Fraction | None, Fraction]:
    whole = sum(strata[key] for key in covered)
    if not whole:
        return None, Fraction(0)
    spread = _variance([score for given in covered.values() for score in given])
    mean, variance = Fraction(0), Fraction(0)
    for key, given in covered.items():
        weight, count = Fraction(strata[key], whole), len(given)
        mean += weight * Fraction(sum(given), count)
        unseen = max(1 - Fraction(count, strata[key]), Fraction(0))  # of a stratum that is known whole, nothing is left
        variance += weight**2 * unseen * (_variance(given) if count > 1 else spread) / count
    return mean, variance


def _variance(scores: Sequence[int]) -> Fraction:
    count = len(scores)
    if count < 2:  # noqa: PLR2004 - one alone does not vary
        return Fraction(0)
    return Fraction(count * sum(score * score for score in scores) - sum(scores) ** 2, count * (count - 1))


def _root_up(square: Fraction) -> Fraction:
    scaled = square * 10**12
    root = isqrt(int(scaled))
    return Fraction(root if root * root == scaled else root + 1, 10**6)
