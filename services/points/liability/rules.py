"""What a liability board counts."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.points.allotments.rules import rounded_down
from services.points.exchange.rules import BASIS


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Service points that residents hold in a community's book: who granted them, and in which month they expire."""

    community_code: str
    issuer: str
    expires_month: str
    points: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What residents of one community spent in another, or at home, in points of where it was spent, less refunds.

    `merchant_id` is empty for what was paid into a community's pool, for its own spaces.
    """

    from_community: str
    to_community: str
    merchant_id: uuid.UUID | None
    points: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What went from one community to another."""

    from_community: str
    to_community: str
    points: int


def funded_bp(outstanding: int, funded: int) -> int | None:
    """Return which share of what is outstanding is funded, in basis points, rounded down; None: nothing is out."""
    return rounded_down(funded, BASIS, outstanding) if outstanding else None


def by_community(outstanding: Iterable[Outstanding]) -> Counter[str]:
    """Return what is outstanding in each community."""
    sums: Counter[str] = Counter()
    for one in outstanding:
        sums[one.community_code] += one.points
    return sums


def flows_of(spent: Iterable[Spent]) -> Sequence[Flow]:
    """Return what went between communities; what was spent at home is no flow."""
    sums: Counter[tuple[str, str]] = Counter()
    for one in spent:
        if one.from_community != one.to_community:
            sums[one.from_community, one.to_community] += one.points
    return [Flow(*pair, points) for pair, points in sorted(sums.items())]
