"""Anomalies, on a labelled set: what is to be found, and what only looks like it."""

import random
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from services.operations.anomalies.rules import (
    Bill,
    Buy,
    Finding,
    Presence,
    duplicate_invoices,
    ghost_attendances,
    split_purchases,
)

CHANCE = random.Random(20261122)  # noqa: S311 - the same set each run
START, OPEN = date(2026, 1, 1), datetime(2026, 1, 1, 1, tzinfo=UTC)
RECALL_MIN, FALSE_MAX = 0.95, 0.01
"""Of what is wrong, how much is found at least; of what is right, how much is flagged at most."""


def scored(found: Iterable[Finding], wrong: set[str], right: set[str]) -> tuple[float, float]:
    flagged = {record for finding in found for record in finding.records}
    return len(flagged & wrong) / len(wrong), len(flagged & right) / len(right)


def any_id() -> uuid.UUID:
    return uuid.UUID(int=CHANCE.getrandbits(128))


def labelled_bills() -> tuple[list[Bill], set[str], set[str]]:
    """2,000 honest invoices, many in series and of one amount, and 120 that were paid twice in three ways."""
    bills, wrong = [], set()
    sellers = [any_id() for _ in range(40)]
    serial = {seller: CHANCE.randrange(10**7, 9 * 10**7) for seller in sellers}
    for n in range(2_000):
        seller = CHANCE.choice(sellers)
        serial[seller] += CHANCE.choice([1, 1, 2, 11, 137])
        amount = CHANCE.choice([1_000_000, CHANCE.randrange(10_000, 5_000_000)])
        day = START + timedelta(days=n * 365 // 2_000)
        bills.append(Bill(f"b{n}", seller, f"033{serial[seller]:09}", amount, day))
    for n, first in enumerate(CHANCE.sample(bills, 120)):
        number = first.number
        if n % 3 == 1:
            number = f"{number[:4]} {number[4:8]}-{number[8:]}"
        elif n % 3 == 2:
            place = CHANCE.randrange(2, len(number) - 4)
            number = number[:place] + str((int(number[place]) + 5) % 10) + number[place + 1 :]
        bills.append(Bill(f"x{n}", first.seller, number, first.amount_fen, first.day + timedelta(days=n % 25)))
        wrong |= {f"x{n}", first.id}
    return bills, wrong, {bill.id for bill in bills} - wrong


def labelled_buys() -> tuple[list[Buy], set[str], set[str]]:
    """Regular small purchases, a large one alone, and 60 that were cut into parts below the tender."""
    buys, wrong = [], set()
    for n in range(300):
        seller, category = any_id(), CHANCE.choice(["办公用品", "绿化", "维修"])
        for month in range(12):
            fen = CHANCE.randrange(100_000, 9_000_000)
            buys.append(Buy(f"r{n}/{month}", "330281002015", seller, category, fen, START + timedelta(days=31 * month)))
    for n in range(60):
        seller, day = any_id(), START + timedelta(days=CHANCE.randrange(300))
        for part in range(CHANCE.choice([2, 3, 4])):
            fen = CHANCE.randrange(12_000_000, 19_900_000)
            buys.append(Buy(f"s{n}/{part}", "330281002015", seller, "装修", fen, day + timedelta(days=part * 7)))
            wrong.add(f"s{n}/{part}")
        buys.append(Buy(f"t{n}", "330281002015", any_id(), "装修", 30_000_000, day))
    return buys, wrong, {buy.id for buy in buys} - wrong


def labelled_presences() -> tuple[list[Presence], set[str], set[str]]:
    """1,500 honest attendances, some in a group that came together, and ghosts of three kinds."""
    presences, wrong = [], set()
    for n in range(300):
        activity, at = any_id(), OPEN + timedelta(hours=n * 3)
        for m in range(5):
            came = at + timedelta(seconds=CHANCE.randrange(900))
            left = at + timedelta(minutes=100, seconds=CHANCE.randrange(900))
            presences.append(Presence(f"h{n}/{m}", activity, any_id(), came, left))
    for n, first in enumerate(CHANCE.sample(presences, 60)):
        other = Presence(f"two{n}", any_id(), first.resident, first.came_at + timedelta(minutes=5), first.left_at)
        presences.append(other)
        wrong |= {first.id, other.id}
    for n in range(20):
        at = OPEN + timedelta(days=n, hours=12)
        presences.append(Presence(f"long{n}", any_id(), any_id(), at, at + timedelta(hours=13 + n)))
        wrong.add(f"long{n}")
        activity = any_id()
        crowd = [Presence(f"hand{n}/{m}", activity, any_id(), at, at + timedelta(hours=2)) for m in range(8)]
        presences += crowd
        wrong |= {presence.id for presence in crowd}
    return presences, wrong, {presence.id for presence in presences} - wrong


def labelled_scores() -> list[tuple[float, float]]:
    """Return recall and false alarms of each kind: invoices, purchases, attendances."""
    bills, wrong, right = labelled_bills()
    scores = [scored(duplicate_invoices(bills), wrong, right)]
    buys, wrong, right = labelled_buys()
    scores.append(scored(split_purchases(buys), wrong, right))
    presences, wrong, right = labelled_presences()
    return [*scores, scored(ghost_attendances(presences), wrong, right)]


def test_what_is_wrong_in_the_labelled_set_is_found_and_what_is_right_is_left_alone() -> None:
    for recall, false in labelled_scores():
        assert recall >= RECALL_MIN
        assert false <= FALSE_MAX


def test_purchases_far_apart_are_not_one() -> None:
    buys = [
        Buy(str(n), "330281002015", uuid.UUID(int=1), "绿化", 15_000_000, START + timedelta(days=31 * n))
        for n in range(9)
    ]
    assert not list(split_purchases(buys))
    close = [*buys, Buy("9", "330281002015", uuid.UUID(int=1), "绿化", 15_000_000, START + timedelta(days=1))]
    assert [finding.records for finding in split_purchases(close)] == [("0", "9", "1")]
