"""What a KPI measures, in which period something counts, and how the measured stands to the target."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from shared.clock import local_day

Measure = Literal["points_redeemed", "attendances", "bookings"]
KpiState = Literal["no_data", "short", "met"]

RATIO_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Assessment:
    """How the measured stands to the target; `ratio` is None when there is no data."""

    state: KpiState
    ratio: float | None


def period_of(moment: datetime) -> date:
    """Return the first day of the month, in China time, that something counts in."""
    return local_day(moment).replace(day=1)


def assess(measured: int | None, target: int) -> Assessment:
    """Compare a measured value with its target; no data is never taken for fulfilled, nor for zero."""
    if measured is None:
        return Assessment("no_data", None)
    return Assessment("met" if measured >= target else "short", round(measured / target, RATIO_DECIMALS))
