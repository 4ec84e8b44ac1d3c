"""Which tier earned points come to."""

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any


def tier_of(points: int, tiers: Sequence[Mapping[str, Any]]) -> tuple[str | None, int | None]:
    """Return the tier that points reach, and how many more the next one takes; None where there is none."""
    reached = [tier["name"] for tier in tiers if tier["points_min"] <= points]
    missing = [tier["points_min"] - points for tier in tiers if tier["points_min"] > points]
    return (reached[-1] if reached else None), (missing[0] if missing else None)


def months_before(day: date, months: int) -> date:
    """Return the day so many months before, or the last of that month if it has no such day."""
    month0 = day.year * 12 + day.month - 1 - months
    year, month = month0 // 12, month0 % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
