"""What a KPI measures: formulas over a month's events, the ratio to the target, and what falling short costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal, Protocol

from shared.clock import local_day
from shared.errors import Conflict, Unseen
from shared.formula import parse

Measure = Literal["points_redeemed", "attendances", "bookings"]
KpiState = Literal["no_data", "short", "met"]

VARIABLES = ("attendances", "bookings", "redemptions", "points_redeemed")
"""What a formula may speak of: attendances, bookings and redemptions by number, redeemed points by sum, of a month."""
WHOLE_BP = 10_000
RATIO_MAX_BP = 100 * WHOLE_BP
VALUE_PART_MAX = 2**63 - 1
"""A value is kept as numerator and denominator, in 64 bits each."""
DISPUTE_WITHIN = timedelta(days=15)


@dataclass(kw_only=True, eq=False)
class KpiUnseen(Unseen):
    """The contract has no such KPI, or it has not been measured for the month."""

    type = "kpi-unseen"
    title = "未找到该指标"
    title_en = "No such KPI"
    detail = "合同没有指标 {code}，或该月尚未计量。"
    detail_en = "The contract has no KPI {code}, or it has not been measured for this month."

    code: str


@dataclass(kw_only=True, eq=False)
class DisputeWindowClosed(Conflict):
    """A result is final, or disputed already."""

    type = "kpi-dispute-window-closed"
    title = "异议期已过或已提异议"
    title_en = "No dispute possible"
    detail = "计量结果公示 15 日内（至 {until}）可提一次异议。"
    detail_en = "A result can be disputed once, within 15 days, until {until}."

    until: str


@dataclass(kw_only=True, eq=False)
class DisputeUnseen(Unseen):
    """No dispute waits for an answer."""

    type = "kpi-dispute-unseen"
    title = "未找到待决异议"
    title_en = "No such dispute"
    detail = "指标 {code} 该月没有待处理的异议。"
    detail_en = "No dispute about {code} of this month waits for an answer."

    code: str


class Deduction(Protocol):
    """Below which ratio how much is taken off, both in basis points."""

    @property
    def below_bp(self) -> int:
        """The ratio."""

    @property
    def deduct_bp(self) -> int:
        """What is taken off."""


def period_of(moment: datetime) -> date:
    """Return the first day of the month, in China time, that something counts in."""
    return local_day(moment).replace(day=1)


def month_end(period: date) -> date:
    """Return the last day of a month given by its first."""
    return (period.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def check_formula(formula: str) -> frozenset[str]:
    """Return the variables of a formula over VARIABLES.

    Raises:
        FormulaInvalid: It is none.
    """
    return parse(formula, VARIABLES).names


def evaluate(formula: str, tallies: Mapping[str, int | None]) -> Fraction | None:
    """Return what a formula comes to, exactly; None without data, where it divides by zero, or beyond what is kept.

    Args:
        formula: One that `check_formula` has passed.
        tallies: What was counted of each variable; None where nothing was.

    No data is not zero, and much less 100 %: if nothing was counted of any variable, there is no value. What was not
    counted beside something that was is zero.
    """
    understood = parse(formula, VARIABLES)
    if all(tallies.get(name) is None for name in understood.names):
        return None
    try:
        value = understood.value({name: tallies.get(name) or 0 for name in understood.names})
    except ZeroDivisionError:
        return None
    return value if max(abs(value.numerator), value.denominator) <= VALUE_PART_MAX else None


def ratio_bp(value: Fraction | None, target: int) -> int | None:
    """Return how far a target is met, in basis points rounded down; None without data."""
    if value is None:
        return None
    return max(min(int(value * WHOLE_BP / target), RATIO_MAX_BP), -RATIO_MAX_BP)


def state_of(ratio: int | None) -> KpiState:
    """Tell met from short, and both from what nobody knows."""
    if ratio is None:
        return "no_data"
    return "met" if ratio >= WHOLE_BP else "short"


def deduct_bp(ratio: int | None, steps: Sequence[Deduction]) -> int | None:
    """Return what is taken off for a ratio: the most of the steps that it stays below; None when nobody knows."""
    if ratio is None:
        return None if steps else 0
    return max((step.deduct_bp for step in steps if ratio < step.below_bp), default=0)


def check_disputable(measured_at: datetime, now: datetime) -> None:
    """Refuse a dispute about what is final.

    Raises:
        DisputeWindowClosed: It is.
    """
    if now > measured_at + DISPUTE_WITHIN:
        raise DisputeWindowClosed(until=(measured_at + DISPUTE_WITHIN).isoformat())
