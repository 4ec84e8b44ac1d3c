"""What looks wrong, and why: duplicate invoices, split purchases, ghost attendance.

A finding is a question to somebody, not a verdict: each says which records it is about and what they have in common.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from typing import Literal

Kind = Literal["duplicate_invoice", "split_purchase", "ghost_attendance"]

NEAR = timedelta(days=30)
"""Two invoices of one amount so close to each other are compared by their numbers."""
SPLIT_WITHIN = timedelta(days=30)
TENDER_FROM_FEN = 20_000_000
"""From here on a purchase takes a tender: 200,000 yuan, to be set to what the district has."""
STAY_MAX = timedelta(hours=12)
CROWD_MIN = 5
"""So many residents who check in and out in the same seconds are one person with a list."""


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice that was paid: by whom it is, its number, amount in fen and day."""

    id: str
    seller: uuid.UUID
    number: str
    amount_fen: int
    day: date


@dataclass(frozen=True, slots=True)
class Buy:
    """A purchase without a tender."""

    id: str
    community_code: str
    seller: uuid.UUID
    category: str
    amount_fen: int
    day: date


@dataclass(frozen=True, slots=True)
class Presence:
    """A resident's time at an activity."""

    id: str
    activity: uuid.UUID
    resident: uuid.UUID
    came_at: datetime
    left_at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """Records that look wrong together, and why."""

    kind: Kind
    records: tuple[str, ...]
    why: str


def duplicate_invoices(bills: Iterable[Bill]) -> Iterator[Finding]:
    """Find invoices of one seller that were paid twice: by the same number, or by a slip of one character in it.

    Spaces, dashes, case and leading zeros do not make another number. A slip counts only with the same amount, within
    30 days, and not for the last digit, in which invoices of a series differ.
    """
    of_seller: dict[uuid.UUID, list[Bill]] = defaultdict(list)
    for bill in bills:
        of_seller[bill.seller].append(bill)
    for theirs in of_seller.values():
        for one, other in combinations(sorted(theirs, key=lambda bill: (bill.day, bill.id)), 2):
            first, second = _plain(one.number), _plain(other.number)
            if first == second:
                yield Finding("duplicate_invoice", (one.id, other.id), f"发票号码相同 same number {first}")
            elif one.amount_fen == other.amount_fen and other.day - one.day <= NEAR and _slipped(first, second):
                yield Finding("duplicate_invoice", (one.id, other.id), f"号码仅差一处且金额相同 {first} ~ {second}")


def _plain(number: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", number.upper()).lstrip("0")


def _slipped(one: str, other: str) -> bool:
    if len(one) != len(other) or len(one) < len("00000000"):
        return False
    wrong = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    swapped = len(wrong) == len("ab") and wrong[1] - wrong[0] == 1 and one[wrong[0]] == other[wrong[1]]
    return (len(wrong) == 1 and wrong[0] < len(one) - 2) or (swapped and one[wrong[1]] == other[wrong[0]])


def split_purchases(buys: Iterable[Buy], tender_from_fen: int = TENDER_FROM_FEN) -> Iterator[Finding]:
    """Find purchases of one kind from one seller that stay below the tender alone and pass it together in 30 days."""
    alike: dict[tuple[str, uuid.UUID, str], list[Buy]] = defaultdict(list)
    for buy in buys:
        if buy.amount_fen < tender_from_fen:
            alike[buy.community_code, buy.seller, buy.category].append(buy)
    for some in alike.values():
        yield from _runs(sorted(some, key=lambda buy: (buy.day, buy.id)), tender_from_fen)


def _runs(ordered: Sequence[Buy], tender_from_fen: int) -> Iterator[Finding]:
    """Yield the longest runs in which each purchase lies in 30 days that come to a tender together."""
    begin, run = 0, range(0)
    for end, last in enumerate(ordered):
        while last.day - ordered[begin].day > SPLIT_WITHIN:
            begin += 1
        if sum(buy.amount_fen for buy in ordered[begin : end + 1]) >= tender_from_fen:
            if run and begin >= run.stop:
                yield _split(ordered, run)
                run = range(0)
            run = range(run.start if run else begin, end + 1)
    if run:
        yield _split(ordered, run)


def _split(ordered: Sequence[Buy], run: range) -> Finding:
    total = sum(ordered[place].amount_fen for place in run)
    return Finding(
        "split_purchase", tuple(ordered[place].id for place in run), f"相近日期合计 {total} 分 close together"
    )


def ghost_attendances(presences: Sequence[Presence]) -> Iterator[Finding]:
    """Find attendance that nobody can have: in two places at once, for half a day and more, or in a row of one hand."""
    of_resident: dict[uuid.UUID, list[Presence]] = defaultdict(list)
    together: dict[tuple[uuid.UUID, int, int], list[Presence]] = defaultdict(list)
    for one in presences:
        of_resident[one.resident].append(one)
        together[one.activity, int(one.came_at.timestamp()), int(one.left_at.timestamp())].append(one)
        if one.left_at - one.came_at > STAY_MAX:
            yield Finding("ghost_attendance", (one.id,), f"时长过长 stayed {one.left_at - one.came_at}")
    for theirs in of_resident.values():
        for one, other in pairwise(sorted(theirs, key=lambda presence: presence.came_at)):
            if other.came_at < one.left_at:
                yield Finding("ghost_attendance", (one.id, other.id), "同一时间在两处 in two places at once")
    for crowd in together.values():
        if len(crowd) >= CROWD_MIN:
            ids = tuple(sorted(presence.id for presence in crowd))
            yield Finding("ghost_attendance", ids, f"{len(ids)} 人同秒签到签退 in and out in the same seconds")
