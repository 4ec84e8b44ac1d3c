"""How a cost is compared: with whom, how far off, and why; in whole numbers and fractions.

Robust z after Iglewicz and Hoaglin (1993): 0.6745 (x - median) / MAD, which one costly peer cannot hide behind. A
handful of peers carries no z: then the ratio to the median decides, and the answer says that peers are few.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from services.operations.statements.rules import Driver

NORMAL = Fraction(6745, 10_000)
Z_LIMIT = 2
PEERS_MIN = 3
PEERS_FOR_Z = 8
RATIO_LIMIT = 2
SIZE_BANDS = ((1_000, "small"), (3_000, "medium"))
"""Households below which a community is of this size; above the last it is large."""
SERVICE: Driver = "service_uses"

Verdict = Literal["typical", "costly", "not_served", "lean", "cheap_service_unknown", "no_peers"]
"""Within its peers; far above; far below and little used; far below and used well; far below, use unknown; nobody."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of a community's year; `volumes` has the drivers that are known."""

    code: str
    project_type: str
    tier: str
    households: int | None
    cost_fen: int
    volumes: Mapping[Driver, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Whom a community is compared with, itself among them, and what they have in common."""

    project_type: str
    size: str | None
    tier: str | None
    members: Sequence[Facts]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one driver explains of a cost: `volume_fen` comes from having much of it, `rate_fen` from its price.

    The two add up to the distance from the median cost, without a residue.
    """

    driver: Driver
    volume: int
    median_rate: Fraction
    expected_fen: int
    volume_fen: int
    rate_fen: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where a community's cost stands among its peers."""

    group: Group
    median_fen: Fraction
    mad_fen: Fraction
    ratio: Fraction
    robust_z: Fraction | None
    few_peers: bool
    effects: Sequence[Effect]
    verdict: Verdict


def size_of(households: int | None) -> str:
    """Return the size band; what is unknown is a band of its own, and no guess."""
    if households is None:
        return "unknown"
    return next((name for below, name in SIZE_BANDS if households < below), "large")


def median(values: Sequence[Fraction]) -> Fraction:
    """Return the median of one or more values, exactly."""
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def deviation(values: Sequence[Fraction]) -> Fraction:
    """Return the median absolute deviation (MAD)."""
    centre = median(values)
    return median([abs(value - centre) for value in values])


def robust_z(value: Fraction, values: Sequence[Fraction]) -> Fraction | None:
    """Return how far a value is off, in robust standard deviations; None where most values are the same."""
    spread = deviation(values)
    return NORMAL * (value - median(values)) / spread if spread else None


def peers_of(own: Facts, known: Sequence[Facts]) -> Group:
    """Return the narrowest group that is large enough: type, size and tier; type and size; type alone."""
    size = size_of(own.households)
    alike: list[tuple[str | None, str | None]] = [(size, own.tier), (size, None), (None, None)]
    for wanted_size, tier in alike:
        members = [
            one
            for one in known
            if one.project_type == own.project_type
            and wanted_size in (None, size_of(one.households))
            and tier in (None, one.tier)
        ]
        if len(members) >= PEERS_MIN or wanted_size is None:
            break
    return Group(own.project_type, wanted_size, tier, members)


def compare(own: Facts, known: Sequence[Facts]) -> Comparison:
    """Compare a community's cost with its peers'; `known` are all communities of the year, itself among them."""
    group = peers_of(own, known)
    costs = [Fraction(one.cost_fen) for one in group.members]
    centre, cost = median(costs), Fraction(own.cost_fen)
    few = len(group.members) < PEERS_FOR_Z
    z = None if few else robust_z(cost, costs)
    return Comparison(
        group=group,
        median_fen=centre,
        mad_fen=deviation(costs),
        ratio=cost / centre,
        robust_z=z,
        few_peers=few,
        effects=list(_effects(own, group, centre)),
        verdict=_verdict(own, group, cost / centre, z),
    )


def _effects(own: Facts, group: Group, centre: Fraction) -> Iterator[Effect]:
    for driver, volume in sorted(own.volumes.items()):
        rates = [Fraction(one.cost_fen, one.volumes[driver]) for one in group.members if driver in one.volumes]
        if driver == SERVICE or len(rates) < PEERS_MIN:
            continue
        expected, middle = round(volume * median(rates)), round(centre)
        yield Effect(driver, volume, median(rates), expected, expected - middle, own.cost_fen - expected)


def _verdict(own: Facts, group: Group, ratio: Fraction, z: Fraction | None) -> Verdict:
    if len(group.members) < PEERS_MIN:
        return "no_peers"
    high, low = (ratio >= RATIO_LIMIT, ratio * RATIO_LIMIT <= 1) if z is None else (z >= Z_LIMIT, z <= -Z_LIMIT)
    if high:
        return "costly"
    return _served(own, group) if low else "typical"


def _served(own: Facts, group: Group) -> Verdict:
    """Too cheap is looked at as well: a place that nobody uses costs little."""
    known = [one for one in group.members if SERVICE in one.volumes]
    if own not in known or len(known) < PEERS_MIN:
        return "cheap_service_unknown"
    comparable = all(one.households for one in known)
    uses = {one.code: Fraction(one.volumes[SERVICE], (comparable and one.households) or 1) for one in known}
    return "not_served" if uses[own.code] < median(list(uses.values())) else "lean"
