"""Which tier earned points come to."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.points.ledger.rules import month_end_after


def tier_of(points: int, tiers: Sequence[Mapping[str, Any]]) -> tuple[str | None, int | None]:
    """Return the tier that points reach, and how many more the next one takes; None where there is none."""
    reached = [tier["name"] for tier in tiers if tier["points_min"] <= points]
    missing = [tier["points_min"] - points for tier in tiers if tier["points_min"] > points]
    return (reached[-1] if reached else None), (missing[0] if missing else None)


def months_before(day: date, months: int) -> date:
    """Return the day so many months before, or the last of that month if it has no such day."""
    last = month_end_after(day, -months)
    return last.replace(day=min(day.day, last.day))
