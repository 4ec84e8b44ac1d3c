"""How ballots are read and counted (S16). Whole numbers only; shares are compared by cross multiplication.

Decisions of owners follow article 278 of the Civil Code: two thirds of the owners and of the area take part; of those
who do, more than half of each agree, or three quarters for what the article holds to be weighty.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from shared.errors import Inadmissible

VoteKind = Literal["decision", "weighty-decision", "approval", "budget"]
YES, NO, ABSTAIN = "yes", "no", "abstain"
DECISIONS = ("decision", "weighty-decision")


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen; the cost in fen counts in a participatory budget 参与式预算."""

    key: str
    cost_fen: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """How a motion is voted on.

    Attributes:
        places: How many options win an approval vote.
        budget_fen: What a participatory budget may spend.
    """

    kind: VoteKind
    options: tuple[Option, ...]
    places: int = 1
    budget_fen: int = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """A ballot as it is counted: the choices, and for a decision the area in dm² that it stands for."""

    choices: tuple[str, ...]
    area_dm2: int


@dataclass(frozen=True, slots=True)
class Roll:
    """All who may vote: heads, and their area in dm²."""

    heads: int
    area_dm2: int


@dataclass(frozen=True, slots=True)
class Result:
    """What the count says.

    Attributes:
        votes: Ballots by choice.
        areas_dm2: Area by choice; empty unless it is a decision.
        winners: What was decided: `yes`, or the options that won, the most approved first.
        tied: Options that have as many approvals as the last place, more than there are places left: drawn by lot.
        quorate: Whether enough took part; only a decision asks for it.
    """

    ballots: int
    votes: dict[str, int]
    areas_dm2: dict[str, int]
    winners: tuple[str, ...]
    tied: tuple[str, ...]
    quorate: bool

    def record(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {**asdict(self), "winners": list(self.winners), "tied": list(self.tied)}


@dataclass(kw_only=True, eq=False)
class BallotSpoilt(Inadmissible):
    """The choices are not what the form allows."""

    type = "ballot-spoilt"
    title = "选票填写无效"
    title_en = "Ballot is spoilt"
    detail = "请从选项 {options} 中选择；决定类议题只能选一项，其他议题每项至多选一次。"
    detail_en = "Choose from {options}: one of them for a decision, else each at most once."

    options: str


@dataclass(kw_only=True, eq=False)
class FormInadmissible(Inadmissible):
    """Nobody could vote on this form."""

    type = "form-inadmissible"
    title = "表决方式有误"
    title_en = "Form of vote is inadmissible"
    detail = (
        "选项不可重复；择优须有多于名额的选项；参与式预算须有总额，且每项费用为正、不超过总额；决定类议题不设选项。"
    )
    detail_en = (
        "Options differ; an approval vote has more of them than places; a budget has a sum, and options that cost"
        " something within it; a decision has none."
    )


def choices_of(form: Form) -> tuple[str, ...]:
    """Return what may be chosen."""
    return (YES, NO, ABSTAIN) if form.kind in DECISIONS else tuple(option.key for option in form.options)


def check_form(form: Form) -> None:
    """Refuse a form that nobody could vote on.

    Raises:
        FormInadmissible: See its detail.
    """
    keys = [option.key for option in form.options]
    sound = {
        "decision": not keys,
        "weighty-decision": not keys,
        "approval": 0 < form.places < len(keys),
        "budget": bool(keys) and all(0 < option.cost_fen <= form.budget_fen for option in form.options),
    }[form.kind]
    if not sound or len(set(keys)) != len(keys):
        raise FormInadmissible


def read_ballot(form: Form, choices: Sequence[str]) -> tuple[str, ...]:
    """Return a ballot's choices in the form's order.

    Raises:
        BallotSpoilt: They are not what the form allows; an empty ballot is one that approves of nothing.
    """
    allowed = choices_of(form)
    one_too_few_or_many = form.kind in DECISIONS and len(choices) != 1
    if one_too_few_or_many or len(set(choices)) != len(choices) or not set(choices) <= set(allowed):
        raise BallotSpoilt(options="、".join(allowed))
    return tuple(choice for choice in allowed if choice in choices)


def tally(form: Form, papers: Sequence[Paper], roll: Roll) -> Result:
    """Count the ballots."""
    votes = Counter(dict.fromkeys(choices_of(form), 0))
    areas = Counter(votes)
    for paper in papers:
        votes.update(paper.choices)
        areas.update(dict.fromkeys(paper.choices, paper.area_dm2))
    if form.kind in DECISIONS:
        return _decided(form, papers, roll, votes, areas)
    winners, tied = _approved(form, votes) if form.kind == "approval" else (_funded(form, votes), ())
    return Result(len(papers), dict(votes), {}, winners, tied, quorate=True)


def _decided(form: Form, papers: Sequence[Paper], roll: Roll, votes: Counter[str], areas: Counter[str]) -> Result:
    heads, area = len(papers), sum(paper.area_dm2 for paper in papers)
    quorate = 3 * heads >= 2 * roll.heads and 3 * area >= 2 * roll.area_dm2
    agreed = all(
        _enough(form, yes, present) for yes, present in ((votes[YES], heads), (areas[YES], area))
    )  # by head and by area 双过半
    winners = (YES,) if quorate and heads and agreed else ()
    return Result(heads, dict(votes), dict(areas), winners, (), quorate=quorate)


def _enough(form: Form, yes: int, present: int) -> bool:
    return 4 * yes >= 3 * present if form.kind == "weighty-decision" else 2 * yes > present


def _approved(form: Form, votes: Counter[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    ranked = sorted(choices_of(form), key=lambda key: -votes[key])  # stable: equals keep the form's order
    last_in, first_out = votes[ranked[form.places - 1]], votes[ranked[form.places]]
    if last_in > first_out:
        return tuple(ranked[: form.places]), ()
    return (
        tuple(key for key in ranked if votes[key] > last_in),
        tuple(key for key in ranked if votes[key] == last_in),
    )


def _funded(form: Form, votes: Counter[str]) -> tuple[str, ...]:
    """Fund the most approved that still fits, again and again; of equals the cheaper, then the first on the form."""
    left, funded = form.budget_fen, []
    for option in sorted(form.options, key=lambda option: (-votes[option.key], option.cost_fen)):
        if votes[option.key] and option.cost_fen <= left:
            funded.append(option.key)
            left -= option.cost_fen
    return tuple(funded)
