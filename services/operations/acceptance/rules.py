"""How an acceptance is judged: the median of several assessors per item, limits per dimension, and gates.

The limits are quoted of the second batch: 500 points for new-built and 360 for renewal, scene response 360 and a bonus
of 40, a mean satisfaction of 4.5 of 5 from at least 50 % of households. The other points of `rubrics.json` are assumed;
a rubric is data, and each acceptance names the one it is judged by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from services.operations.communities.rules import ProjectType
from shared.errors import Conflict, Inadmissible, Unseen
from shared.fields import PRINTABLE

WHOLE_BP = 10_000
CENTI = 100
DISPUTED_PERCENT = 30
AcceptanceState = Literal["open", "decided"]
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=PRINTABLE)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]
POINTS_MAX = 10_000
Points = Annotated[int, Field(ge=0, le=POINTS_MAX)]


@dataclass(frozen=True, slots=True)
class Item:
    """What is scored, with at most so many points."""

    code: Code
    name: Name
    points: Points
    bonus: bool


@dataclass(frozen=True, slots=True)
class Dimension:
    """A part of the rubric: its items come to at most `points`, its bonus items to at most `bonus` more."""

    code: Code
    name: Name
    points: Annotated[int, Field(ge=1, le=POINTS_MAX)]
    bonus: Points
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Rubric:
    """What a project of these types is judged by."""

    code: Code
    project_types: Sequence[ProjectType]
    pass_points: Annotated[int, Field(ge=0, le=1_000_000)]
    assessors_min: Annotated[int, Field(ge=1, le=100)]
    satisfaction_min_centi: Annotated[int, Field(ge=0, le=500)]
    sample_min_bp: Annotated[int, Field(ge=0, le=WHOLE_BP)]
    dimensions: Sequence[Dimension]

    def items(self) -> Mapping[str, Item]:
        """Return all items by their code."""
        return {item.code: item for dimension in self.dimensions for item in dimension.items}


RUBRIC = TypeAdapter(Rubric)
RUBRICS = TypeAdapter(list[Rubric])


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """A survey: of so many households so many answered, and their scores of 1 to 5 come to so much."""

    households: int
    answered: int
    score_sum: int


@dataclass(kw_only=True, eq=False)
class RubricExists(Conflict):
    """A rubric is never changed."""

    type = "rubric-exists"
    title = "评分标准已存在"
    title_en = "Rubric exists"
    detail = "评分标准 {code} 已采用且不可修改。新标准请用新的代码。"
    detail_en = "The rubric {code} is adopted and is not changed. Give a new one a code of its own."

    code: str


@dataclass(kw_only=True, eq=False)
class RubricUnseen(Unseen):
    """There is no such rubric."""

    type = "rubric-unseen"
    title = "未找到该评分标准"
    title_en = "No such rubric"
    detail = "未找到评分标准 {code}。请先采用一个标准。"
    detail_en = "There is no rubric {code}. Adopt one first."

    code: str


@dataclass(kw_only=True, eq=False)
class RubricOfAnotherType(Inadmissible):
    """The rubric is for other project types."""

    type = "rubric-of-another-type"
    title = "评分标准不适用该项目类型"
    title_en = "Rubric of another project type"
    detail = "标准 {code} 适用于 {types}，不适用于 {project_type}。"
    detail_en = "The rubric {code} is for {types}, not for {project_type}."

    code: str
    types: str
    project_type: str


@dataclass(kw_only=True, eq=False)
class AcceptanceUnseen(Unseen):
    """There is no such acceptance."""

    type = "acceptance-unseen"
    title = "未找到该验收"
    title_en = "No such acceptance"
    detail = "未找到验收 {acceptance_id}。请核对编号。"
    detail_en = "There is no acceptance {acceptance_id}. Check its id."

    acceptance_id: str


@dataclass(kw_only=True, eq=False)
class AcceptanceDecided(Conflict):
    """The acceptance is decided."""

    type = "acceptance-decided"
    title = "验收已作出结论"
    title_en = "Acceptance decided"
    detail = "验收 {acceptance_id} 已作出结论，不能再评分或补充。"
    detail_en = "The acceptance {acceptance_id} is decided; nothing is added to it."

    acceptance_id: str


@dataclass(kw_only=True, eq=False)
class ScoreInadmissible(Inadmissible):
    """The rubric has no such item, or gives it fewer points."""

    type = "acceptance-score-inadmissible"
    title = "评分不在标准范围内"
    title_en = "Score outside the rubric"
    detail = "评分项 {item}：标准允许 0 到 {most} 分，提交 {points} 分。"
    detail_en = "The item {item} takes 0 to {most} points by the rubric; {points} were given."

    item: str
    most: int
    points: int


@dataclass(kw_only=True, eq=False)
class AcceptanceIncomplete(Conflict):
    """Something that the decision needs is missing."""

    type = "acceptance-incomplete"
    title = "验收资料不完整"
    title_en = "Acceptance incomplete"
    detail = "尚缺：{missing}。缺失不按零分处理，请补齐。"
    detail_en = "Missing: {missing}. What is missing is not 0; add it."

    missing: str


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of a dimension."""

    code: str
    name: str
    points: Fraction
    bonus: Fraction
    most: int
    most_bonus: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an acceptance comes to; it passes when nothing is missing and there is no reason against it."""

    total: Fraction
    dimensions: Sequence[Scored]
    mean_centi: Fraction | None
    sample_bp: Fraction | None
    missing: Sequence[str]
    disputed: Sequence[str]
    reasons: Sequence[str]

    @property
    def passed(self) -> bool:
        """Tell whether it passes."""
        return not self.missing and not self.reasons


def check_rubric(rubric: Rubric, project_type: ProjectType) -> None:
    """Refuse a rubric for a project of another type.

    Raises:
        RubricOfAnotherType: It is for others.
    """
    if project_type not in rubric.project_types:
        types = "、".join(rubric.project_types)
        raise RubricOfAnotherType(code=rubric.code, types=types, project_type=project_type)


def check_score(rubric: Rubric, item: str, points: int) -> None:
    """Refuse a score that the rubric does not have.

    Raises:
        ScoreInadmissible: There is no such item, or it takes fewer points.
    """
    known = rubric.items().get(item)
    if known is None or points > known.points:
        raise ScoreInadmissible(item=item, most=known.points if known else 0, points=points)


def judge(rubric: Rubric, scores: Mapping[str, Sequence[int]], satisfaction: Satisfaction | None) -> Outcome:
    """Judge by the rubric; `scores` has each assessor's points by item. What is missing is named and never 0.

    An item that no bonus depends on takes `assessors_min` assessors; where they differ by more than 30 % of its
    points it is disputed, which the decision shows.
    """
    missing, disputed = [], []
    for item in rubric.items().values():
        given = scores.get(item.code, ())
        if len(given) < rubric.assessors_min and not item.bonus:
            missing.append(item.code)
        if given and (max(given) - min(given)) * 100 > item.points * DISPUTED_PERCENT:
            disputed.append(item.code)
    dimensions = [_scored(dimension, scores) for dimension in rubric.dimensions]
    total = sum((one.points + one.bonus for one in dimensions), Fraction(0))
    reasons = [] if total >= rubric.pass_points else [f"总分不足 {rubric.pass_points} / fewer points than required"]
    if satisfaction is None:
        missing.append("satisfaction")
        return Outcome(total, dimensions, None, None, missing, disputed, reasons)
    mean_centi = Fraction(satisfaction.score_sum * CENTI, satisfaction.answered)
    sample_bp = Fraction(satisfaction.answered * WHOLE_BP, satisfaction.households)
    if mean_centi < rubric.satisfaction_min_centi:
        reasons.append("居民满意度均分不足 / the mean satisfaction is too low")
    if sample_bp < rubric.sample_min_bp:
        reasons.append("满意度抽样户数不足 / too few households were asked")
    return Outcome(total, dimensions, mean_centi, sample_bp, missing, disputed, reasons)


def _scored(dimension: Dimension, scores: Mapping[str, Sequence[int]]) -> Scored:
    def come_to(*, bonus: bool) -> Fraction:
        given = [scores[item.code] for item in dimension.items if item.bonus is bonus and scores.get(item.code)]
        return sum((median([Fraction(one) for one in points]) for points in given), Fraction(0))

    return Scored(
        dimension.code,
        dimension.name,
        min(come_to(bonus=False), Fraction(dimension.points)),
        min(come_to(bonus=True), Fraction(dimension.bonus)),
        dimension.points,
        dimension.bonus,
    )
