"""What looks like fraud, and why: each detector reads what was done lately and names who, with its reasons.

A detector is no verdict: it freezes what could leave, and a person decides. Figures are those at which honest use, of a
volunteer with a busy weekend or a clerk who registers a whole class, stays below: see `benchmarks/fraud.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from services.points.allotments.rules import rounded_down

SCREENED = timedelta(days=30)

ATTENDANCE = "attendance"
"""In a registrar's place: check-in and check-out have told of it, which is nobody's word."""

VELOCITY_WITHIN, VELOCITY_MAX = timedelta(hours=1), 8
SPLIT_WITHIN, SPLIT_MIN = timedelta(minutes=15), 4
GHOST_GROUP_MIN = 8
OVERLAPS_MIN = 2
GRANTS_MIN, CONCENTRATED_ON, CONCENTRATED_PERCENT = 20, 3, 70
RING_RESIDENTS_MIN, RING_PERCENT = 4, 80
ROUND_TRIPS_MIN, ROUND_TRIP_WITHIN = 3, timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Did:
    """A deed: who earned, by whose word, of what, when, and how long it took; 0 where nobody has measured that."""

    resident: str
    registrar: str
    activity: str
    at: datetime
    minutes: int
    points: int


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase in points, and when it was given back, if it was."""

    resident: str
    merchant: str
    at: datetime
    points: int
    refunded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lately:
    """What was done within SCREENED, each in the order of time."""

    deeds: Sequence[Did]
    purchases: Sequence[Bought]

    def since(self, cleared: Mapping[str, datetime]) -> "Lately":
        """Return it without what those have done until then whom a person has cleared of it."""

        def counts(at: datetime, *who: str) -> bool:
            return all(at > cleared[one] for one in who if one in cleared)

        deeds = [one for one in self.deeds if counts(one.at, one.resident, one.registrar)]
        return Lately(deeds, [one for one in self.purchases if counts(one.at, one.resident, one.merchant)])


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Who is suspected by which detector, and why, in words for the person who decides."""

    detector: str
    who: str
    reason: str


Cleared = Mapping[str, Mapping[str, datetime]]
"""Whom a person has cleared of a detector's suspicion, and when, by detector."""

KeyT = TypeVar("KeyT")

Detector = Callable[[Lately], Iterable[Suspicion]]


def velocity(lately: Lately) -> Iterator[Suspicion]:
    """Find residents who earn or buy more often within an hour than a person can."""
    for what, done in (("善行 deeds", lately.deeds), ("兑换 purchases", lately.purchases)):
        for who, times in _times((one.resident, one.at) for one in done).items():
            most = _most_within(times, VELOCITY_WITHIN)
            if most > VELOCITY_MAX:
                yield Suspicion("velocity", who, f"一小时内 {most} 次{what} within an hour, more than {VELOCITY_MAX}")


def split_bills(lately: Lately) -> Iterator[Suspicion]:
    """Find residents who split a bill at one merchant into parts within minutes."""
    times = _times(((one.resident, one.merchant), one.at) for one in lately.purchases)
    for (who, merchant), at in times.items():
        most = _most_within(at, SPLIT_WITHIN)
        if most >= SPLIT_MIN:
            yield Suspicion("split_bills", who, f"15 分钟内在 {merchant} 拆成 {most} 笔 purchases within 15 minutes")


def ghost_activity(lately: Lately) -> Iterator[Suspicion]:
    """Find activities that nobody can have been at: residents in two at once, or a crowd that does nothing else.

    A class that a clerk registers at once is honest when its people are seen elsewhere too.
    """
    yield from _in_two_places(lately)
    groups: dict[tuple[str, str, datetime], list[Did]] = defaultdict(list)
    for one in lately.deeds:
        groups[one.registrar, one.activity, one.at.replace(second=0, microsecond=0)].append(one)
    seen = {who: {(one.registrar, one.activity) for one in done} for who, done in _by_resident(lately.deeds).items()}
    buys = Counter(one.resident for one in lately.purchases)
    for (registrar, activity, _), group in groups.items():
        ghosts = [d for d in group if seen[d.resident] == {(registrar, activity)} and buys[d.resident] <= 1]
        alike = len({(one.minutes, one.points) for one in group}) == 1
        if alike and len(ghosts) >= GHOST_GROUP_MIN and len(ghosts) * 10 >= len(group) * 9:
            reason = f"{len(group)} 人同时同量参加 {activity}，别无活动 alike at once, and nowhere else"
            if registrar != ATTENDANCE:
                yield Suspicion("ghost_activity", registrar, reason)
            yield from (Suspicion("ghost_activity", one.resident, reason) for one in ghosts)


def concentrated_granting(lately: Lately) -> Iterator[Suspicion]:
    """Find coordinators whose word gives most of their points to few."""
    given: dict[str, Counter[str]] = defaultdict(Counter)
    count: Counter[str] = Counter()
    for one in lately.deeds:
        if one.registrar != ATTENDANCE:
            given[one.registrar][one.resident] += one.points
            count[one.registrar] += 1
    for registrar, to in given.items():
        top, total = sum(points for _, points in to.most_common(CONCENTRATED_ON)), sum(to.values())
        if count[registrar] >= GRANTS_MIN and top * 100 >= total * CONCENTRATED_PERCENT:
            share = rounded_down(100, top, total)
            reason = f"{share}% 的积分给了 {CONCENTRATED_ON} 人 of the points to {CONCENTRATED_ON} residents"
            yield Suspicion("concentrated_granting", registrar, reason)


def rings(lately: Lately) -> Iterator[Suspicion]:
    """Find residents who earn by one person's word and spend at one merchant, together: value goes in a circle."""
    earned = _shares((one.resident, one.registrar, one.points) for one in lately.deeds)
    spent = _shares((one.resident, one.merchant, one.points) for one in lately.purchases)
    circles: dict[tuple[str, str], list[str]] = defaultdict(list)
    for who in earned.keys() & spent.keys():
        if earned[who][0] == ATTENDANCE:
            continue
        circles[earned[who][0], spent[who][0]].append(who)
    by_registrar: Counter[str] = Counter(registrar for registrar, _ in earned.values())
    for (registrar, merchant), members in circles.items():
        closed = [w for w in members if min(earned[w][1], spent[w][1]) >= RING_PERCENT]
        if len(closed) >= RING_RESIDENTS_MIN and len(closed) * 100 >= by_registrar[registrar] * RING_PERCENT:
            reason = f"{len(closed)} 人只由 {registrar} 登记、只在 {merchant} 使用 earn by one and spend at one"
            yield from (Suspicion("rings", who, reason) for who in [registrar, merchant, *closed])


def buy_earn_refund(lately: Lately) -> Iterator[Suspicion]:
    """Find residents who buy, earn by it, and give back what they bought, again and again."""
    deeds = _times((one.resident, one.at) for one in lately.deeds)
    trips: Counter[str] = Counter()
    for one in lately.purchases:
        near = any(one.at <= at <= one.at + ROUND_TRIP_WITHIN for at in deeds.get(one.resident, ()))
        if one.refunded_at and near:
            trips[one.resident] += 1
    for who, count in trips.items():
        if count >= ROUND_TRIPS_MIN:
            yield Suspicion("buy_earn_refund", who, f"{count} 次兑换后获分再退 bought, earned by it, and gave it back")


DETECTORS: dict[str, Detector] = {
    "rings": rings,
    "velocity": velocity,
    "split_bills": split_bills,
    "ghost_activity": ghost_activity,
    "concentrated_granting": concentrated_granting,
    "buy_earn_refund": buy_earn_refund,
}


def suspicions(lately: Lately, cleared: Cleared) -> list[Suspicion]:
    """Return what all detectors find in what no person has looked at yet."""
    return [one for name, detector in DETECTORS.items() for one in detector(lately.since(cleared.get(name, {})))]


def _in_two_places(lately: Lately) -> Iterator[Suspicion]:
    for who, done in _by_resident(lately.deeds).items():
        spans = sorted((one.at - timedelta(minutes=one.minutes), one.at, one.activity) for one in done if one.minutes)
        overlaps = sum(
            later[0] + timedelta(minutes=5) < before[1] and later[2] != before[2] for before, later in pairwise(spans)
        )
        if overlaps >= OVERLAPS_MIN:
            yield Suspicion("ghost_activity", who, f"{overlaps} 次同时参加两项活动 times at two activities at once")


def _by_resident(deeds: Iterable[Did]) -> dict[str, list[Did]]:
    found: dict[str, list[Did]] = defaultdict(list)
    for one in deeds:
        found[one.resident].append(one)
    return found


def _times(pairs: Iterable[tuple[KeyT, datetime]]) -> dict[KeyT, list[datetime]]:
    found: dict[KeyT, list[datetime]] = defaultdict(list)
    for who, at in pairs:
        found[who].append(at)
    return {who: sorted(at) for who, at in found.items()}


def _most_within(times: Sequence[datetime], within: timedelta) -> int:
    """Return how many of these times, in their order, lie within such a span at most."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] > within:
            first += 1
        most = max(most, last - first + 1)
    return most


def _shares(parts: Iterable[tuple[str, str, int]]) -> dict[str, tuple[str, int]]:
    """Return, for each of the first, the one of the second with most points, and its share in percent."""
    points: dict[str, Counter[str]] = defaultdict(Counter)
    for who, other, amount in parts:
        points[who][other] += amount
    tops = {who: (of.most_common(1)[0], sum(of.values())) for who, of in points.items()}
    return {who: (name, rounded_down(100, most, total)) for who, ((name, most), total) in tops.items() if total}
