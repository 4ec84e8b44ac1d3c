"""Reversals: once, in part, back to the same lots, and never more than was posted."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.points.ledger.post import post
from services.points.ledger.rules import (
    AssetClass,
    PostTransfer,
    TransferKind,
    clearing,
    hold_of,
    merchant,
    resident,
)
from shared.database import Database
from tests.points.book import DONGJIANG, NOW, QINGBO, broken, granting
from tests.points.ledger.oracle import Told, told

RESIDENT, SHOP = uuid.uuid4(), uuid.uuid4()
SOON, LATE = date(2026, 6, 30), date(2028, 6, 30)
WALLET = (QINGBO, AssetClass.SERVICE, resident(RESIDENT))


def spending(points: int, who: uuid.UUID = RESIDENT) -> PostTransfer:
    amounts = ((resident(who), -points), (merchant(SHOP), points))
    return PostTransfer(QINGBO, AssetClass.SERVICE, TransferKind.REDEEM, uuid.uuid4().hex, amounts)


def back(original: PostTransfer, points: int = 0) -> PostTransfer:
    """Describe the reversal of a transfer, of some of its points or of all."""
    amounts = tuple((name, (points or abs(amount)) * (-1 if amount > 0 else 1)) for name, amount in original.amounts)
    again = replace(original, kind=TransferKind.REVERSE, reference=uuid.uuid4().hex, amounts=amounts, lot=None)
    return replace(again, reverses=(original.kind, original.reference))


async def take(points: Database, *batch: Sequence[PostTransfer], now: datetime = NOW) -> list[Told]:
    async with points.transaction() as session:
        return [told(outcome) for outcome in await post(session, batch, now=now)]


async def lots(points: Database) -> dict[date, int]:
    async with points.transaction() as session:
        assert await broken(session) == []
        rows = await session.execute(text("SELECT expires_on, sum(remaining)::int FROM lot GROUP BY 1"))
        return {row.expires_on: row.sum for row in rows}


async def test_a_refund_returns_to_its_lots_as_if_less_had_been_bought(points: Database) -> None:
    bought = spending(40)
    await take(points, [granting(RESIDENT, 30, expires_on=SOON)], [granting(RESIDENT, 50)], [bought])
    assert await lots(points) == {SOON: 0, LATE: 40}
    assert await take(points, [back(bought, 15)]) == [("posted", (55, None))]
    assert await lots(points) == {SOON: 5, LATE: 50}
    assert await take(points, [back(bought, 25)]) == [("posted", (80, None))]
    assert await lots(points) == {SOON: 30, LATE: 50}


async def test_what_comes_back_to_a_lot_that_has_expired_meanwhile_stays_expired(points: Database) -> None:
    """Else buying shortly before an expiry and giving back after it would lengthen it."""
    bought = spending(30)
    await take(points, [granting(RESIDENT, 30, expires_on=SOON)], [bought])
    july = NOW + timedelta(days=30)
    assert await take(points, [back(bought)], [spending(1)], now=july) == [
        ("posted", (30, None)),
        ("not-enough-points", 0, 1),
    ]
    assert await lots(points) == {SOON: 30}


@pytest.mark.proves("P13")
async def test_1000_reversals_at_once_give_each_transfer_back_once_and_never_more_than_it_moved(
    points: Database,
) -> None:
    """250 purchases with four reversals of each, and 40 refunds of 3 on a purchase of 100."""
    whole = [spending(4) for _ in range(250)]
    parted = spending(100)
    await take(points, [granting(RESIDENT, 1100)], *([each] for each in whole), [parted])
    wanted = [back(each) for each in whole * 4] + [back(parted, 3) for _ in range(40)]
    enough = asyncio.Semaphore(64)

    async def attempt(command: PostTransfer) -> tuple[str | None, object]:
        async with enough:
            [answer] = await take(points, [command])
        return command.reverses[1] if command.reverses else None, answer[0]

    answers = Counter(await asyncio.gather(*map(attempt, wanted)))
    assert all(answers[each.reference, "posted"] == 1 for each in whole)
    assert all(answers[each.reference, "more-than-posted"] == 3 for each in whole)
    assert (answers[parted.reference, "posted"], answers[parted.reference, "more-than-posted"]) == (33, 7)
    assert await lots(points) == {LATE: 1099}


async def test_32_reversals_of_a_transfer_that_locks_no_account_give_it_back_once(points: Database) -> None:
    amounts = ((clearing(DONGJIANG), -10), (merchant(SHOP), 10))
    settled = PostTransfer(QINGBO, AssetClass.SERVICE, TransferKind.REDEEM, "x", amounts)
    await take(points, [settled])
    answers = await asyncio.gather(*(take(points, [back(settled)]) for _ in range(32)))
    assert Counter(answer[0] for [answer] in answers) == {"posted": 1, "more-than-posted": 31}


async def test_a_reversal_that_asks_for_too_much_or_of_what_is_not_there_is_refused(points: Database) -> None:
    bought, never = spending(40), spending(1)
    await take(points, [granting(RESIDENT, 50)], [bought])
    stranger = replace(back(bought, 5), amounts=((resident(uuid.uuid4()), 5), (merchant(SHOP), -5)))
    undone = back(bought, 10)
    asked = [back(bought, 41), back(never), stranger, undone, back(undone)]
    assert await take(points, *([command] for command in asked)) == [
        ("more-than-posted", asked[0].reference, 40, 41),
        ("transfer-unknown", never.reference),
        ("more-than-posted", stranger.reference, 0, 5),
        ("posted", (20, None)),
        ("more-than-posted", asked[4].reference, 0, 10),
    ]
    answers = await take(points, [back(bought, 31)], [back(undone)], [back(bought, 30)])
    assert [answer[0] for answer in answers] == ["more-than-posted", "more-than-posted", "posted"]


async def test_a_grant_made_in_error_is_taken_back_out_of_its_lot_while_it_is_free(points: Database) -> None:
    wrong = granting(RESIDENT, 30, expires_on=SOON)
    await take(points, [wrong], [granting(RESIDENT, 50)], [hold_of(WALLET, "h", 10, NOW + timedelta(hours=1))])
    assert await take(points, [back(wrong)], [back(wrong, 20)]) == [
        ("not-enough-points", 20, 30),
        ("posted", (None, 60)),
    ]
    basic = granting(RESIDENT, 5, asset_class=AssetClass.BASIC)
    assert await take(points, [basic], [back(basic)]) == [("posted", (None, 5)), ("posted", (None, 0))]


async def test_a_purchase_that_was_posted_in_the_same_batch_is_given_back(points: Database) -> None:
    bought = spending(10)
    assert await take(points, [granting(RESIDENT, 10)], [bought], [back(bought, 4)]) == [
        ("posted", (None, 10)),
        ("posted", (0, None)),
        ("posted", (4, None)),
    ]


async def test_the_store_itself_refuses_to_give_back_too_much_or_to_another_lot(points: Database) -> None:
    bought = spending(10)
    await take(points, [granting(RESIDENT, 10)], [granting(RESIDENT, 10, expires_on=SOON)], [bought])
    returning = """
        WITH o AS (SELECT * FROM transfer WHERE kind = 'redeem'), r AS (
            INSERT INTO transfer (community_code, kind, reference, asset_class, reverses)
            SELECT community_code, 'reverse', 'raw', asset_class, transfer_id FROM o RETURNING transfer_id)
        INSERT INTO entry (community_code, account_id, transfer_id, leg, asset_class, lot_id, amount, balance_after)
        SELECT e.community_code, e.account_id, r.transfer_id, e.leg, e.asset_class, {lot}, -sign(e.amount) * {points},
               e.balance_after FROM entry e JOIN o USING (transfer_id), r
    """
    other = "CASE WHEN lot_id IS NOT NULL THEN (SELECT lot_id FROM lot WHERE expires_on = '2028-06-30') END"
    for lot, amount in (("e.lot_id", 11), (other, 10)):
        with pytest.raises(DBAPIError, match="no more than was moved"):
            async with points.transaction() as session:
                await session.execute(text(returning.format(lot=lot, points=amount)))
    async with points.transaction() as session:
        await session.execute(text(returning.format(lot="e.lot_id", points=10)))
        await session.rollback()
