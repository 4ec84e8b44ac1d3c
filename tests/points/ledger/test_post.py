"""Posting, on a real book."""

import asyncio
import random
import uuid
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from services.points.ledger.rules import (
    ISSUER,
    AlreadyPosted,
    AssetClass,
    NotEnoughPoints,
    PostTransfer,
    TransferKind,
    clearing,
    merchant,
    resident,
)
from services.points.ledger.tables import Account, Entry, Lot, Transfer
from shared.database import Database
from tests.points.book import DONGJIANG, QINGBO, broken, grant, granting, post_linked

RESIDENT, SHOP = uuid.uuid4(), uuid.uuid4()


def spending(points: int, *, asset_class: AssetClass = AssetClass.SERVICE, who: uuid.UUID = RESIDENT) -> PostTransfer:
    amounts = ((resident(who), -points), (merchant(SHOP), points))
    return PostTransfer(QINGBO, asset_class, TransferKind.REDEEM, uuid.uuid4().hex, amounts)


async def test_a_grant_makes_a_balance_and_a_lot(points: Database) -> None:
    async with points.transaction() as session:
        await grant(session, RESIDENT, 100)
        await grant(session, RESIDENT, 20)
    async with points.transaction() as session:
        account = (await session.scalars(select(Account).where(Account.kind == "resident"))).one()
        lot = (await session.scalars(select(Lot))).one()
        assert (account.balance, lot.remaining) == (120, 120)
        assert await broken(session) == []


async def test_entries_tell_the_balance_after_each(points: Database) -> None:
    async with points.transaction() as session:
        await grant(session, RESIDENT, 100)
        await post_linked(session, spending(30), spending(20))
        after = await session.scalars(
            select(Entry.balance_after).where(Entry.balance_after.is_not(None)).order_by(Entry.balance_after.desc())
        )
        assert list(after) == [100, 70, 50]


async def test_spending_more_than_there_is_is_refused_and_leaves_nothing(points: Database) -> None:
    async with points.transaction() as session:
        await grant(session, RESIDENT, 10)
    with pytest.raises(NotEnoughPoints):
        async with points.transaction() as session:
            await post_linked(session, spending(4), spending(7))
    async with points.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Transfer)) == 1
        assert await broken(session) == []


async def test_the_same_reference_is_posted_once_by_32_workers(points: Database) -> None:
    once = granting(RESIDENT, 10)

    async def attempt() -> bool:
        try:
            async with points.transaction() as session:
                await post_linked(session, once)
        except AlreadyPosted:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(32)))) == 1


async def test_expired_points_are_not_spent(points: Database) -> None:
    async with points.transaction() as session:
        await grant(session, RESIDENT, 10, expires_on=date(2026, 5, 31))
        with pytest.raises(NotEnoughPoints):
            await post_linked(session, spending(1))


@pytest.mark.proves("R2")
async def test_of_200_concurrent_spends_on_a_balance_for_100_exactly_100_succeed(points: Database) -> None:
    async with points.transaction() as session:
        await grant(session, RESIDENT, 100)

    async def attempt() -> bool:
        try:
            async with points.transaction() as session:
                await post_linked(session, spending(1))
        except NotEnoughPoints:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(200)))) == 100
    async with points.transaction() as session:
        assert await broken(session) == []


async def test_32_workers_moving_points_between_books_neither_deadlock_nor_lose_a_point(points: Database) -> None:
    people = [uuid.uuid4() for _ in range(6)]
    books = (QINGBO, DONGJIANG)
    async with points.transaction() as session:
        for who in people:
            for code in books:
                await grant(session, who, 1000, community_code=code)

    async def worker(seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - a repeatable test
        for _ in range(10):
            here, there = dice.sample(books, 2)
            reference, amount = uuid.uuid4().hex, dice.randint(1, 5)
            payers = dice.sample(people, 2)
            both = [
                PostTransfer(
                    code,
                    AssetClass.SERVICE,
                    TransferKind.REDEEM,
                    reference,
                    (
                        (resident(payer), -amount),
                        (clearing(other), amount * sign),
                        (merchant(SHOP), amount - amount * sign),
                    ),
                )
                for code, other, payer, sign in ((here, there, payers[0], 1), (there, here, payers[1], -1))
            ]
            without_zero = [replace(t, amounts=tuple(a for a in t.amounts if a[1])) for t in both]
            async with points.transaction() as session:
                await post_linked(session, *without_zero)

    await asyncio.gather(*(worker(seed) for seed in range(32)))
    async with points.transaction() as session:
        assert await broken(session) == []
        assert await session.scalar(text("SELECT count(*) FROM transfer WHERE kind = 'redeem'")) == 640


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET amount = amount + 1",
        "DELETE FROM entry",
        "UPDATE transfer SET kind = 'earn'",
        "DELETE FROM transfer",
        "DELETE FROM lot",
        "UPDATE lot SET expires_on = '2099-12-31'",
        "UPDATE account SET asset_class = 'service'",
        "DELETE FROM account",
        "DELETE FROM hold",
        "UPDATE hold SET amount = 1",
        "TRUNCATE entry",
    ],
)
async def test_the_service_itself_cannot_rewrite_the_book(points: Database, statement: str) -> None:
    async with points.transaction() as session:
        await grant(session, RESIDENT, 10)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with points.transaction() as session:
            await session.execute(text(statement))


async def test_the_store_refuses_half_a_transfer(points: Database) -> None:
    half = PostTransfer(QINGBO, AssetClass.SERVICE, TransferKind.REDEEM, "half", ((ISSUER, -5), (merchant(SHOP), 4)))
    with pytest.raises(DBAPIError, match="must sum to 0"):
        async with points.transaction() as session:
            await post_linked(session, half)


@pytest.mark.parametrize(
    ("fault", "invariant"),
    [
        ("UPDATE account SET balance = balance + 1 WHERE kind = 'resident'", "balances_equal_entries"),
        ("UPDATE lot SET remaining = remaining - 1", "lots_equal_their_moves"),
        ("ALTER TABLE entry DISABLE TRIGGER entries_balance; DELETE FROM entry WHERE leg = 1", "transfers_sum_to_zero"),
    ],
)
async def test_the_integrity_check_finds_a_planted_fault(points: Database, fault: str, invariant: str) -> None:
    async with points.transaction() as session:
        await grant(session, RESIDENT, 10)
    url = points.engine.url.set(username="linli_points_owner")
    owner = Database(url.render_as_string(hide_password=False), name="fault")
    async with owner.transaction() as session:
        for statement in fault.split("; "):
            await session.execute(text(statement))
    await owner.close()
    async with points.transaction() as session:
        assert invariant in await broken(session)


@pytest.mark.proves("P11")
async def test_whoever_grants_or_is_paid_by_all_is_no_queue(points: Database) -> None:
    """What groups share, two processes must not wait for: an issuer and a merchant take entries, and are not locked."""
    people = [uuid.uuid4() for _ in range(32)]
    async with points.transaction() as session:
        await grant(session, RESIDENT, 10)
        await post_linked(session, spending(1))  # so that both accounts are there
        await post_linked(session, *(granting(who, 10) for who in people))
    async with points.transaction() as first:
        await post_linked(first, granting(RESIDENT, 5), spending(3))

        async def another(who: uuid.UUID) -> None:
            async with points.transaction() as session:
                await session.execute(text("SET LOCAL lock_timeout = '2s'"))
                await post_linked(session, granting(who, 5), spending(3, who=who))

        for start in range(0, len(people), 3):  # the pool has four connections, and the first keeps one
            await asyncio.gather(*map(another, people[start : start + 3]))
    async with points.transaction() as session:
        balances = await session.scalars(select(Account.balance).where(Account.kind == "resident"))
        assert sorted(filter(None, balances)) == [11, *[12] * 32]
        assert await broken(session) == []
