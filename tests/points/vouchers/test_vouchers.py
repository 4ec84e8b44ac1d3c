"""Vouchers are covered from their issue to their end, whoever posts them at once."""

import asyncio
import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from services.points.fraud.queries import freezes_of
from services.points.fraud.tables import Screening
from services.points.ledger.rules import NotEnoughPoints
from services.points.limits.rules import CapReached, Direction, Period
from services.points.limits.set_limit import SetCap, set_limit
from services.points.merchants.tables import Merchant
from services.points.vouchers.close_vouchers import close_vouchers, retry_vouchers
from services.points.vouchers.issue_voucher import IssueVoucher, issue_voucher
from services.points.vouchers.present_vouchers import PresentVouchers, present_vouchers
from services.points.vouchers.revoke_voucher import revoke_voucher
from services.points.vouchers.rules import POST_WITHIN, LotsExpireFirst, Report, Stated, VoucherClosed, VoucherKey
from services.points.vouchers.tables import Presentation, Voucher
from shared.database import Database
from tests.points.book import NOW, QINGBO, broken, freeze, grant

KEY = VoucherKey(b"k" * 32)
HOLDER, SHOPS = uuid.uuid4(), [uuid.uuid4() for _ in range(4)]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def book(points: Database) -> Database:
    """A holder with 100 points, and four shops of its community."""
    async with points.transaction() as session:
        session.add(Screening(screened_at=NOW, suspected=0))
        session.add_all(Merchant(merchant_id=shop, community_code=QINGBO, name="便利店") for shop in SHOPS)
        await grant(session, HOLDER, 100)
    return points


async def issue(book: Database, worth: int = 30, days: int = 10, now: datetime = NOW) -> Voucher:
    async with book.transaction() as session:
        return await issue_voucher(session, IssueVoucher(HOLDER, QINGBO, worth, days), KEY, now=now)


def report(voucher: Voucher, at: datetime = NOW + HOUR) -> Report:
    return Report(uuid.uuid4(), voucher.token, at)


async def present(book: Database, *reports: Report, shop: uuid.UUID = SHOPS[0], now: datetime) -> list[Presentation]:
    async with book.transaction() as session:
        command = PresentVouchers(QINGBO, shop, reports)
        return list(await present_vouchers(session, command, now=now))


def states(presentations: list[Presentation]) -> Counter[str]:
    return Counter(one.reason or one.state for one in presentations)


async def look(book: Database, *, now: datetime) -> None:
    async with book.transaction() as session:
        session.add(Screening(screened_at=now, suspected=0))


async def test_of_32_tills_that_post_one_voucher_at_once_one_is_paid_and_none_is_lost(book: Database) -> None:
    voucher = await issue(book)
    tries = [
        present(book, report(voucher, NOW + number * HOUR / 32), shop=SHOPS[number % 4], now=NOW + DAY)
        for number in range(32)
    ]
    decided = [one for each in await asyncio.gather(*tries) for one in each]
    assert states(decided) == {"paid": 1, "used": 31}
    async with book.transaction() as session:
        assert await broken(session) == []


async def test_tills_that_post_the_same_vouchers_in_any_order_never_deadlock(book: Database) -> None:
    vouchers = [await issue(book, 10) for _ in range(8)]
    turned = [vouchers[turn % 8 :] + vouchers[: turn % 8] for turn in range(32)]
    tries = [
        present(book, *map(report, order), shop=SHOPS[turn % 4], now=NOW + DAY) for turn, order in enumerate(turned)
    ]
    decided = [one for each in await asyncio.gather(*tries) for one in each]
    assert states(decided) == {"paid": 8, "used": 31 * 8}


async def test_the_same_report_again_is_answered_the_same_and_twice_in_one_post_is_paid_once(book: Database) -> None:
    voucher = await issue(book)
    one, other = report(voucher), report(voucher, NOW + 2 * HOUR)
    first = await present(book, other, one, now=NOW + DAY)
    assert {p.presentation_id: p.state for p in first} == {
        one.presentation_id: "paid",
        other.presentation_id: "refused",
    }
    again = await present(book, one, other, now=NOW + 2 * DAY)
    assert [(p.presentation_id, p.state, p.posted_at) for p in again] == [
        (p.presentation_id, p.state, p.posted_at) for p in first
    ]


@pytest.mark.parametrize("code", ["\0", "\ud800", "330102", ""])
async def test_what_somebody_made_up_is_refused_and_the_rest_of_the_post_is_paid(book: Database, code: str) -> None:
    made_up = KEY.sign(Stated(code, uuid.uuid4(), 1, 30, NOW, NOW + DAY))
    presented = await present(book, report(await issue(book)), Report(uuid.uuid4(), made_up, NOW + HOUR), now=NOW + DAY)
    assert states(presented) == {"paid": 1, "not-ours": 1}


async def test_what_waits_for_somebody_frozen_is_paid_when_it_is_lifted_even_after_the_vouchers_end(
    book: Database,
) -> None:
    voucher = await issue(book)
    async with book.transaction() as session:
        await freeze(session, f"resident:{HOLDER}")
    assert states(await present(book, report(voucher), now=NOW + DAY)) == {"frozen": 1}
    after = voucher.closes_at + DAY
    await look(book, now=after)
    async with book.transaction() as session:
        assert await retry_vouchers(session, now=after) == 1
        assert await close_vouchers(session, now=after) == 0, "a till waits for it"
    async with book.transaction() as session:
        [frozen] = await freezes_of(session, f"resident:{HOLDER}")
        frozen.lifted_by = "staff:checker"
    async with book.transaction() as session:
        assert await retry_vouchers(session, now=after + HOUR) == 1
        assert await retry_vouchers(session, now=after + 2 * HOUR) == 0
        paid = await session.get_one(Voucher, (QINGBO, voucher.voucher_id))
        assert paid.redemption_id is not None
        assert await broken(session) == []


async def test_nothing_is_paid_while_nobody_looks_for_fraud(book: Database) -> None:
    now = datetime.now(UTC)  # somebody looked when the book was made
    voucher = await issue(book, now=now)
    assert states(await present(book, report(voucher, now + HOUR), now=now + 3 * DAY)) == {"frozen": 1}


async def test_a_voucher_that_is_over_frees_its_points_when_no_till_may_post_it_any_more(book: Database) -> None:
    voucher = await issue(book, 100)
    with pytest.raises(NotEnoughPoints):
        await issue(book, 1)
    async with book.transaction() as session:
        assert await close_vouchers(session, now=voucher.closes_at - HOUR) == 0
        assert await close_vouchers(session, now=voucher.closes_at) == 1
    assert (await issue(book, 100, now=NOW + HOUR)).number == 2
    await look(book, now=voucher.closes_at)
    assert states(await present(book, report(voucher), now=voucher.closes_at + HOUR)) == {"late": 1}


async def test_a_voucher_that_is_revoked_pays_what_was_taken_before_and_nothing_after(book: Database) -> None:
    lost, other = await issue(book), await issue(book)
    for voucher in (lost, other):
        async with book.transaction() as session:
            held = await session.get_one(Voucher, (QINGBO, voucher.voucher_id))
            await revoke_voucher(session, held, by=f"resident:{HOLDER}", now=NOW + 2 * HOUR)
            assert held.closes_at == NOW + 2 * HOUR + POST_WITHIN
    decided = await present(book, report(lost, NOW + HOUR), report(other, NOW + 3 * HOUR), now=NOW + DAY)
    assert states(decided) == {"paid": 1, "revoked": 1}
    for voucher in (lost, other):
        async with book.transaction() as session:
            held = await session.get_one(Voucher, (QINGBO, voucher.voucher_id))
            with pytest.raises(VoucherClosed):
                await revoke_voucher(session, held, by="staff:li", now=NOW + DAY)


async def test_a_voucher_counts_for_the_caps_and_never_lengthens_an_expiry(book: Database) -> None:
    async with book.transaction() as session:
        await grant(session, HOLDER, 10, expires_on=date(2026, 6, 30))
        await grant(session, HOLDER, 1, expires_on=date(2026, 6, 15))
        await set_limit(session, SetCap("3301", Direction.SPEND, "", Period.DAY, 40))
    with pytest.raises(LotsExpireFirst):
        await issue(book, 1)
    with pytest.raises(CapReached):
        await issue(book, 41, now=NOW + DAY)
    voucher = await issue(book, 12, days=90, now=NOW + DAY)
    assert voucher.expires_at == datetime.fromisoformat("2026-06-30T00:00:00+08:00")
    with pytest.raises(CapReached):
        await issue(book, 29, now=NOW + DAY + HOUR)


async def test_32_vouchers_issued_at_once_have_a_number_each_and_are_all_covered(book: Database) -> None:
    made = await asyncio.gather(*(issue(book, 10) for _ in range(32)), return_exceptions=True)
    numbers = sorted(one.number for one in made if isinstance(one, Voucher))
    assert numbers == list(range(1, 11))
    assert all(isinstance(one, Voucher | NotEnoughPoints) for one in made)
    async with book.transaction() as session:
        assert await broken(session) == []
