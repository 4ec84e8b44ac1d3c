"""How much of its operation a community pays for itself. What is doubtful is rounded against the community."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

MONTHS = 12
WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year's money in fen; `in_kind_fen` is the appraised value of spaces, goods and work given for nothing."""

    cost_fen: int
    income_fen: int
    subsidy_fen: int
    in_kind_fen: int
    reserve_fen: int


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """What a year's figures say.

    Attributes:
        cash: Own income by cost, in money alone.
        with_in_kind: The same with what is given in kind on both sides: it is income, and it was used up.
        reserve_months: Months of cost that the reserve pays for if nothing else comes in.
        balance_fen: What is left of the year after the subsidy; below 0 it is lost.
        months_left: Full months until the reserve is gone at that loss; None while nothing is lost.
    """

    cash: Fraction
    with_in_kind: Fraction
    reserve_months: Fraction
    balance_fen: int
    months_left: int | None


def assess(year: Year, *, subsidy_cut_bp: int = 0) -> Sufficiency:
    """Say how a community stands, or would stand if its subsidy fell by `subsidy_cut_bp` basis points.

    The ratios do not move with the subsidy: it is no income of its own. The cut subsidy is rounded down to the fen.
    """
    subsidy_fen = year.subsidy_fen * (WHOLE_BP - subsidy_cut_bp) // WHOLE_BP
    balance_fen = year.income_fen + subsidy_fen - year.cost_fen
    return Sufficiency(
        cash=Fraction(year.income_fen, year.cost_fen),
        with_in_kind=Fraction(year.income_fen + year.in_kind_fen, year.cost_fen + year.in_kind_fen),
        reserve_months=Fraction(year.reserve_fen * MONTHS, year.cost_fen),
        balance_fen=balance_fen,
        months_left=floor(Fraction(year.reserve_fen * MONTHS, -balance_fen)) if balance_fen < 0 else None,
    )
