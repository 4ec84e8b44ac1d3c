"""A batch is posted exactly as if its postings had come one by one: held against a book in plain Python."""

import asyncio
import uuid
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from services.points.ledger.post import post
from services.points.ledger.rules import (
    AccountKind,
    AccountName,
    AssetClass,
    BookAccount,
    PostTransfer,
    TransferKind,
    hold_of,
    merchant,
    resident,
)
from shared.database import Database
from tests.points.book import DONGJIANG, NOW, QINGBO, broken, granting
from tests.points.ledger.dice import Dice
from tests.points.ledger.oracle import Oracle, Told, told

RESIDENT, SHOP = uuid.uuid4(), uuid.uuid4()


def spending(points: int, reference: str = "") -> PostTransfer:
    amounts = ((resident(RESIDENT), -points), (merchant(SHOP), points))
    return PostTransfer(QINGBO, AssetClass.SERVICE, TransferKind.REDEEM, reference or uuid.uuid4().hex, amounts)


_MANY_TRANSFERS = text("""
    INSERT INTO transfer (community_code, asset_class, kind, reference)
    SELECT '330102001051', 'service', 'redeem', n FROM generate_series(1, 40000) AS n
""")


_MANY_HOLDS = text("""
    INSERT INTO hold_command (community_code, reference, kind, account_id, asset_class, amount, expires_at)
    SELECT '330102001051', n, 'hold', account_id, 'service', 1, now() + interval '1 day'
    FROM account, generate_series(1, 20000) AS n WHERE kind = 'resident'
""")


async def take(points: Database, batch: list[list[PostTransfer]], now: datetime = NOW) -> list[Told]:
    async with points.transaction() as session:
        return [told(outcome) for outcome in await post(session, batch, now=now)]


async def account_ids(points: Database) -> dict[BookAccount, uuid.UUID]:
    async with points.transaction() as session:
        rows = await session.execute(text("SELECT community_code, asset_class, kind, owner, account_id FROM account"))
        return {
            (code, AssetClass(asset_class), AccountName(AccountKind(kind), owner)): account_id
            for code, asset_class, kind, owner, account_id in rows
        }


async def agrees(points: Database, oracle: Oracle) -> None:
    names = {account_id: account for account, account_id in (await account_ids(points)).items()}
    async with points.transaction() as session:
        entries = await session.execute(text("SELECT account_id, sum(amount)::bigint FROM entry GROUP BY 1"))
        balances = {names[account_id]: balance for account_id, balance in entries if balance}
        lots = await session.execute(text("SELECT lot_id, expires_on, remaining FROM lot WHERE remaining > 0"))
        left = {lot_id: (expires_on, remaining) for lot_id, expires_on, remaining in lots}
        pins = await session.execute(text("SELECT community_code, reference, lot_id, amount FROM hold_lot"))
        pinned = {(code, reference, lot_id): amount for code, reference, lot_id, amount in pins}
        assert await broken(session) == []
    assert balances == {account: balance for account, balance in oracle.balances.items() if balance}
    assert left == {lot.lot_id: (lot.expires_on, lot.left) for lot in oracle.lots.values() if lot.left}
    held = {(*name, lot_id): pin for name, hold in oracle.holds.items() for lot_id, pin in hold.pins.items()}
    assert pinned == held


async def test_one_that_would_overdraw_is_refused_alone_and_its_neighbours_post(points: Database) -> None:
    batch = [[spending(1)], [granting(RESIDENT, 10)], [spending(7)], [spending(7)], [spending(3)], [spending(1)]]
    assert await take(points, batch) == [
        ("not-enough-points", 0, 1),
        ("posted", (None, 10)),
        ("posted", (3, None)),
        ("not-enough-points", 3, 7),
        ("posted", (0, None)),
        ("not-enough-points", 0, 1),
    ]


async def test_a_reference_that_comes_again_is_refused_alone(points: Database) -> None:
    await take(points, [[granting(RESIDENT, 10)], [spending(1, "a")]])
    batch = [[spending(1, "a")], [spending(1, "b")], [spending(1, "b")], [spending(1, "c"), spending(1, "c")]]
    assert await take(points, batch) == [
        ("already-posted", "a"),
        ("posted", (8, None)),
        ("already-posted", "b"),
        ("already-posted", "c"),
    ]


@pytest.mark.proves("P3")
async def test_linked_transfers_of_several_books_and_classes_are_posted_all_or_none(points: Database) -> None:
    granted = [granting(RESIDENT, 5), granting(RESIDENT, 2, asset_class=AssetClass.BASIC)]
    abroad = granting(RESIDENT, 3, community_code=DONGJIANG)
    batch = [[*granted, abroad, spending(4), spending(4)], [spending(1)], [*granted, abroad, spending(4)]]
    assert await take(points, batch) == [
        ("not-enough-points", 1, 4),
        ("not-enough-points", 0, 1),
        ("posted", (None, 5), (None, 2), (None, 3), (1, None)),
    ]
    async with points.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM transfer")) == 4
        assert await broken(session) == []


async def against_the_oracle(points: Database, operations: int, seed: int) -> None:
    dice, oracle, done = Dice(seed, people=40), Oracle({}), 0
    while done < operations:
        batch = dice.batch(most=3000)
        outcomes = await take(points, batch, dice.now)
        if done < 10_000:  # by then each account is open
            oracle.ids = await account_ids(points)
        assert outcomes == [oracle.post(posting, dice.now) for posting in batch]
        done += len(batch)
    await agrees(points, oracle)


async def test_100_000_operations_in_batches_of_any_size_agree_with_one_by_one(points: Database) -> None:
    await against_the_oracle(points, 100_000, seed=1)


@pytest.mark.nightly
@pytest.mark.proves("P1")
async def test_1_000_000_operations_agree_with_one_by_one_and_each_book_sums_to_zero(points: Database) -> None:
    """What holds it at every commit is a trigger: tests/points/ledger/test_post.py, half a transfer."""
    await against_the_oracle(points, 1_000_000, seed=2)


@pytest.mark.proves("P6")
async def test_32_workers_agree_with_one_by_one_in_the_order_of_their_locks(points: Database) -> None:
    history: list[tuple[datetime, list[list[PostTransfer]], list[Told]]] = []

    async def worker(seed: int) -> None:
        dice = Dice(seed % 8, people=12)  # four workers each come with the same references
        for _ in range(12):
            batch = dice.batch(most=20)
            async with points.transaction() as session:
                outcomes = [told(outcome) for outcome in await post(session, batch, now=NOW)]
                # Taken while all locks are held: of two batches that touch each other, the first has the earlier.
                ordered = await session.scalar(text("SELECT clock_timestamp()"))
            history.append((ordered, batch, outcomes))

    await asyncio.gather(*map(worker, range(32)))
    oracle = Oracle(await account_ids(points))
    for _, batch, outcomes in sorted(history, key=lambda entry: entry[0]):
        assert outcomes == [oracle.post(posting, NOW) for posting in batch]
    await agrees(points, oracle)


async def test_one_reference_for_32_accounts_at_once_is_posted_once_and_its_neighbours_all(points: Database) -> None:
    async def attempt() -> list[Told]:
        wanted = replace(granting(uuid.uuid4(), 10), reference="once")
        return await take(points, [[granting(RESIDENT, 1)], [wanted], [granting(uuid.uuid4(), 1)]])

    answers = await asyncio.gather(*(attempt() for _ in range(32)))
    assert all(before[0] == after[0] == "posted" for before, _, after in answers)
    assert Counter(once[0] for _, once, _ in answers) == {"posted": 1, "already-posted": 31}
    async with points.transaction() as session:
        assert await broken(session) == []


async def test_one_reference_for_32_new_accounts_at_once_is_posted_once(points: Database) -> None:
    """They share no account that is locked, so that only the store can tell which came first."""

    async def attempt() -> Told:
        [answer] = await take(points, [[replace(granting(uuid.uuid4(), 10), reference="once")]])
        return answer

    answers = await asyncio.gather(*(attempt() for _ in range(32)))
    assert Counter(answer[0] for answer in answers) == {"posted": 1, "already-posted": 31}


async def test_a_small_batch_reads_no_more_of_a_book_that_has_grown(points: Database) -> None:
    """Before it is first analysed, too: the server then thinks that a table is as small as it was when made."""
    await take(points, [[granting(RESIDENT, 1)]])
    async with points.transaction() as session:
        await session.execute(_MANY_TRANSFERS)
    other = Database(points.engine.url.render_as_string(hide_password=False), name="other")  # with plans of its own
    before = await rows_read_by(other, "pk_transfer")
    await take(other, [[granting(RESIDENT, 1)] for _ in range(10)])
    assert await rows_read_by(other, "pk_transfer") - before < 100
    await other.close()


async def test_a_plan_that_was_made_while_there_were_few_holds_reads_no_more_when_there_are_many(
    points: Database,
) -> None:
    one = Database(points.engine.url.render_as_string(hide_password=False), name="one", pool_size=1)
    wallet = (QINGBO, AssetClass.SERVICE, resident(RESIDENT))
    batch = [[hold_of(wallet, f"h{n}", 1, NOW + timedelta(days=1))] for n in range(20)]
    await take(one, [[granting(RESIDENT, 100)], *batch[:10]])
    async with one.transaction() as session:
        await session.execute(_MANY_HOLDS)
    before = await holds_read(one)
    assert {answer[0] for answer in await take(one, batch[10:])} == {"posted"}
    assert await holds_read(one) - before < 100
    await one.close()


async def holds_read(points: Database) -> int:
    return await counted(
        points, "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = :name", "hold_command"
    )


async def rows_read_by(points: Database, index: str) -> int:
    return await counted(points, "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = :name", index)


async def counted(points: Database, count: str, name: str) -> int:
    async with points.transaction() as session:
        await session.execute(text("SELECT pg_stat_force_next_flush()"))
    async with points.transaction() as session:
        return int(await session.scalar(text(count), {"name": name}))


async def test_an_account_that_was_opened_in_vain_is_not_remembered(points: Database) -> None:
    who = uuid.uuid4()
    async with points.transaction() as session:
        await post(session, [[granting(who, 1)]], now=NOW)
        await post(session, [[granting(who, 1)]], now=NOW)
        await session.rollback()
    assert await take(points, [[granting(who, 5)]]) == [("posted", (None, 5))]


async def test_batches_that_share_accounts_in_opposite_order_do_not_deadlock(points: Database) -> None:
    people = [uuid.uuid4() for _ in range(50)]

    async def worker(number: int) -> None:
        order = people if number % 2 else people[::-1]
        for _ in range(4):
            outcomes = await take(points, [[granting(who, 1)] for who in order])
            assert {outcome[0] for outcome in outcomes} == {"posted"}

    await asyncio.gather(*map(worker, range(32)))
    async with points.transaction() as session:
        assert list(await session.scalars(text("SELECT balance FROM account WHERE kind = 'resident'"))) == [128] * 50
