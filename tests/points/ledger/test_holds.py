"""Holds: kept, captured in part, released, over; and the races between them."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from services.points.ledger.post import post
from services.points.ledger.rules import (
    AssetClass,
    PostTransfer,
    TransferKind,
    hold_of,
    merchant,
    release_of,
    resident,
)
from shared.database import Database
from tests.points.book import NOW, QINGBO, broken, granting
from tests.points.ledger.oracle import Told, told

RESIDENT, SHOP = uuid.uuid4(), uuid.uuid4()
WALLET = (QINGBO, AssetClass.SERVICE, resident(RESIDENT))
LATER, OVER = NOW + timedelta(minutes=10), NOW + timedelta(minutes=11)


def spending(points: int, *, hold: str | None = None) -> PostTransfer:
    amounts = ((resident(RESIDENT), -points), (merchant(SHOP), points))
    return PostTransfer(QINGBO, AssetClass.SERVICE, TransferKind.REDEEM, uuid.uuid4().hex, amounts, hold=hold)


async def take(points: Database, *batch: list[PostTransfer], now: object = NOW) -> list[Told]:
    async with points.transaction() as session:
        outcomes = [told(outcome) for outcome in await post(session, batch, now=now)]  # type: ignore[arg-type]
        assert await broken(session) == []
        return outcomes


async def one(points: Database, query: str) -> object:
    async with points.transaction() as session:
        return tuple((await session.execute(text(query))).one())


@pytest.mark.proves("P5")
async def test_a_till_authorises_captures_a_part_and_lets_go_of_the_rest(points: Database) -> None:
    """Everything a hold is for, in one place; 32 workers, the clock and the oracle have tests of their own below."""
    granted = [granting(RESIDENT, 60), granting(RESIDENT, 40, expires_on=date(2026, 6, 30))]
    assert await take(points, *([each] for each in granted)) == [("posted", (None, 60)), ("posted", (None, 100))]
    assert await take(points, [hold_of(WALLET, "till-1", 70, LATER)]) == [("posted", (100,))]
    assert await take(points, [spending(31)], [spending(30)]) == [("not-enough-points", 30, 31), ("posted", (70, None))]
    assert await take(points, [spending(71, hold="till-1")]) == [("more-than-held", "till-1", 70, 71)]
    assert await take(points, [spending(45, hold="till-1"), release_of(WALLET, "till-1")]) == [
        ("posted", (25, None), (25,))
    ]
    assert await one(points, "SELECT amount, captured, closed_as FROM hold") == (70, 45, "released")
    assert await take(points, [spending(1, hold="till-1")]) == [("hold-closed", "till-1", "released")]
    assert await take(points, [spending(25)]) == [("posted", (0, None))]


async def test_a_hold_pins_what_expires_first_and_a_capture_takes_it_in_that_order(points: Database) -> None:
    await take(points, [granting(RESIDENT, 60)], [granting(RESIDENT, 40, expires_on=date(2026, 6, 30))])
    await take(points, [hold_of(WALLET, "h", 50, LATER)])
    pins = "SELECT array_agg((expires_on, amount) ORDER BY expires_on)::text FROM hold_lot JOIN lot USING (lot_id)"
    assert await one(points, pins.replace("expires_on, amount", "lot.expires_on, amount").replace(
        "BY expires_on", "BY lot.expires_on")) == ('{"(2026-06-30,40)","(2028-06-30,10)"}',)  # fmt: skip
    await take(points, [spending(45, hold="h")])
    left = "SELECT min(lot.expires_on)::text, sum(amount)::int FROM hold_lot JOIN lot USING (lot_id)"
    assert await one(points, left) == ("2028-06-30", 5)


async def test_a_hold_past_its_time_counts_no_more_whether_or_not_anybody_has_tidied(points: Database) -> None:
    await take(points, [granting(RESIDENT, 10)], [hold_of(WALLET, "h", 10, LATER)])
    assert await take(points, [spending(1)], now=LATER - timedelta(microseconds=1)) == [("not-enough-points", 0, 1)]
    assert await take(points, [spending(10)], now=LATER) == [("posted", (0, None))]
    assert await one(points, "SELECT closed_as, captured FROM hold") == ("expired", 0)


async def test_what_was_seen_over_stays_over_for_one_whose_clock_is_behind(points: Database) -> None:
    await take(points, [granting(RESIDENT, 10)], [hold_of(WALLET, "h", 10, LATER)])
    assert await take(points, [spending(11)], now=OVER) == [("not-enough-points", 10, 11)]
    assert await take(points, [spending(10, hold="h")], now=NOW) == [("hold-closed", "h", "expired")]


async def test_what_was_held_in_time_is_captured_even_after_its_lot_has_expired(points: Database) -> None:
    await take(points, [granting(RESIDENT, 10, expires_on=date(2026, 6, 15))])
    tomorrow = NOW + timedelta(days=1)
    await take(points, [hold_of(WALLET, "h", 10, tomorrow + timedelta(minutes=1))])
    assert await take(points, [spending(1)], [spending(10, hold="h")], now=tomorrow) == [
        ("not-enough-points", 0, 1),
        ("posted", (0, None)),
    ]


async def test_a_hold_that_is_unknown_repeated_over_or_of_basic_points_is_refused(points: Database) -> None:
    await take(points, [granting(RESIDENT, 10)], [granting(RESIDENT, 10, asset_class=AssetClass.BASIC)])
    basic = (QINGBO, AssetClass.BASIC, resident(RESIDENT))
    placed = hold_of(WALLET, "h", 1, LATER)
    assert await take(points, [placed], [placed], [hold_of(basic, "b", 1, LATER)], [hold_of(WALLET, "o", 1, NOW)]) == [
        ("posted", (10,)),
        ("already-posted", "h"),
        ("not-spendable", AssetClass.BASIC),
        ("hold-closed", "o", "expired"),
    ]
    assert await take(points, [placed], [spending(1, hold="x")], [release_of(WALLET, "x")]) == [
        ("already-posted", "h"),
        ("hold-unknown", "x"),
        ("hold-unknown", "x"),
    ]
    assert await take(points, [release_of(WALLET, "h")], [release_of(WALLET, "h")]) == [
        ("posted", (10,)),
        ("hold-closed", "h", "released"),
    ]


async def test_nobody_captures_the_hold_of_another(points: Database) -> None:
    await take(points, [granting(RESIDENT, 10)], [hold_of(WALLET, "h", 5, LATER)])
    other = resident(uuid.uuid4())
    stolen = replace(spending(5, hold="h"), amounts=((other, -5), (merchant(SHOP), 5)))
    assert await take(points, [stolen], [release_of((*WALLET[:2], other), "h")]) == [("hold-unknown", "h")] * 2


async def test_32_captures_and_32_spends_at_the_moment_a_hold_is_over_never_take_a_point_twice(
    points: Database,
) -> None:
    """Half of them come with a clock on which the hold still stands, half with one on which it is over."""
    for turn in range(8):
        hold = f"h{turn}"
        await take(points, [granting(RESIDENT, 10)], [hold_of(WALLET, hold, 10, LATER)])
        captures = [take(points, [spending(10, hold=hold)], now=(NOW, OVER)[n % 2]) for n in range(32)]
        spends = [take(points, [spending(10)], now=(NOW, OVER)[n % 2]) for n in range(32)]
        answers = Counter(answer[0] for [answer] in await asyncio.gather(*captures, *spends))
        assert answers["posted"] == 1, answers
        assert await one(points, "SELECT sum(balance)::int FROM account WHERE kind = 'resident'") == (0,)
        assert await one(points, "SELECT count(*) FROM hold_lot") == (0,)


@pytest.mark.parametrize("what", ["hold", "capture", "release"])
async def test_of_32_at_once_as_many_succeed_as_there_are_points_for(points: Database, what: str) -> None:
    await take(points, [granting(RESIDENT, 40)])
    if what != "hold":
        await take(points, [hold_of(WALLET, "h", 40, LATER)])
    commands: dict[str, Callable[[int], PostTransfer]] = {
        "hold": lambda n: hold_of(WALLET, f"h{n}", 5, LATER),
        "capture": lambda _: spending(5, hold="h"),
        "release": lambda _: release_of(WALLET, "h"),
    }
    answers = Counter(
        answer[0] for [answer] in await asyncio.gather(*(take(points, [commands[what](n)]) for n in range(32)))
    )
    refused = {"hold": "not-enough-points", "capture": "hold-closed", "release": "hold-closed"}[what]
    assert answers == ({"posted": 1, refused: 31} if what == "release" else {"posted": 8, refused: 24})


async def test_one_reference_holds_once_for_32_accounts_at_once(points: Database) -> None:
    people = [uuid.uuid4() for _ in range(32)]
    await take(points, *([granting(who, 5)] for who in people))

    async def attempt(who: uuid.UUID) -> str:
        [answer] = await take(points, [hold_of((*WALLET[:2], resident(who)), "once", 5, LATER)])
        return str(answer[0])

    assert Counter(await asyncio.gather(*map(attempt, people))) == {"posted": 1, "already-posted": 31}
