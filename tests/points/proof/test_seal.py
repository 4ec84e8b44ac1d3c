"""The sealer, on a real book."""

import asyncio
import random
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, PostTransfer, TransferKind, hold_of, merchant, release_of, resident
from services.points.ledger.tables import HoldCommand, Refused, Transfer
from services.points.proof.queries import window_of, windows
from services.points.proof.rules import check_window, is_signed
from services.points.proof.seal import TransactionsRanBackwardsError, seal
from services.points.proof.tables import Seal
from shared.database import Database
from tests.points.book import DONGJIANG, NOW, QINGBO, grant, granting
from tests.points.proof.ground import KEY, seal_all, seal_now

WORKERS = 32


def spending(who: uuid.UUID, points: int, code: str = QINGBO) -> PostTransfer:
    amounts = ((resident(who), -points), (merchant(uuid.UUID(int=7)), points))
    return PostTransfer(code, AssetClass.SERVICE, TransferKind.REDEEM, uuid.uuid4().hex, amounts)


async def chained(points: Database, community_code: str) -> list[uuid.UUID]:
    """Hold each window of a book against its records; returns the ids of these, in the order of the chain."""
    ids, before = [], None
    async with points.transaction() as session:
        async for seal_, records in windows(session, community_code):
            window = window_of(seal_)
            check_window(before, window, [record.leaf for record in records])
            assert is_signed(window.statement(), seal_.signature, KEY.public)
            ids += [record.id for record in records]
            before = window
    return ids


async def written(points: Database, community_code: str) -> set[uuid.UUID]:
    """Return the ids of all that was posted, held, released and refused."""
    async with points.transaction() as session:
        posted = await session.scalars(select(Transfer.transfer_id).where(Transfer.community_code == community_code))
        refused = await session.scalars(select(Refused.refusal_id).where(Refused.community_code == community_code))
        held = await session.scalars(select(HoldCommand.command_id).where(HoldCommand.community_code == community_code))
        return {*posted, *refused, *held}


async def test_what_was_posted_held_released_and_refused_is_sealed_once_in_each_book(points: Database) -> None:
    who = uuid.uuid4()
    for code in (QINGBO, DONGJIANG):
        async with points.transaction() as session:
            await grant(session, who, 100, community_code=code)
            held = code, AssetClass.SERVICE, resident(who)
            holding, releasing = hold_of(held, "kept", 10, NOW + timedelta(days=1)), release_of(held, "kept")
            await post(session, [[spending(who, 40, code)], [spending(who, 90, code)], [holding]], now=NOW)
            await post(session, [[releasing]], now=NOW)
    assert await seal_all(points) == 10
    assert await seal_all(points) == 0
    for code in (QINGBO, DONGJIANG):
        ids = await chained(points, code)
        assert len(ids) == 5
        assert set(ids) == await written(points, code)


async def test_a_quiet_book_gets_no_window_and_the_next_follows_on(points: Database) -> None:
    who = uuid.uuid4()
    for code in (QINGBO, DONGJIANG, QINGBO):
        async with points.transaction() as session:
            await grant(session, who, 1, community_code=code)
        await seal_all(points)
    async with points.transaction() as session:
        seals = (await session.scalars(select(Seal).order_by(Seal.community_code, Seal.number))).all()
    assert [(s.community_code, s.number, s.first, s.count) for s in seals] == [
        (QINGBO, 1, 1, 1),
        (QINGBO, 2, 2, 1),
        (DONGJIANG, 1, 1, 1),
    ]
    assert seals[1].previous == seals[0].head


async def test_nothing_is_sealed_before_a_transaction_that_might_still_come_before_it(points: Database) -> None:
    async with points.transaction() as session:
        await grant(session, uuid.uuid4(), 1)  # opens the issuer's account
    assert await seal_all(points) == 1
    async with points.transaction() as slow:
        await grant(slow, uuid.uuid4(), 1)
        async with points.transaction() as quick:
            await grant(quick, uuid.uuid4(), 2)
        assert await seal_now(points) == 0
    assert await seal_all(points) == 2
    assert len(await chained(points, QINGBO)) == 3


async def test_a_backlog_is_sealed_in_parts_of_whole_transactions(
    points: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.points.proof.seal.RECORDS_AT_ONCE", 3)
    for size in (2, 5, 1, 1, 1):
        async with points.transaction() as session:
            await post(session, [[granting(uuid.uuid4(), 1)] for _ in range(size)], now=NOW)
    assert await seal_all(points) == 10
    async with points.transaction() as session:
        assert list(await session.scalars(select(Seal.count).order_by(Seal.number))) == [2, 5, 3]
    assert set(await chained(points, QINGBO)) == await written(points, QINGBO)


async def test_32_workers_post_while_it_is_sealed_and_nothing_is_skipped_or_sealed_twice(points: Database) -> None:
    people = [uuid.uuid4() for _ in range(8)]
    working = True

    async def worker(seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - a repeatable test
        for _ in range(12):
            code, who = dice.choice((QINGBO, DONGJIANG)), dice.choice(people)
            async with points.transaction() as session:
                await session.execute(select(func.pg_current_xact_id()))  # takes its number before it has to wait
                postings = [[granting(who, 5, community_code=code)], [spending(who, dice.randint(1, 30), code)]]
                await post(session, postings, now=NOW)
                await asyncio.sleep(dice.random() / 50)

    async def sealer() -> None:
        while working:
            try:
                await seal_now(points)
            except IntegrityError:  # another was quicker
                await asyncio.sleep(0)

    sealers = [asyncio.create_task(sealer()) for _ in range(3)]
    await asyncio.gather(*(worker(seed) for seed in range(WORKERS)))
    working = False
    await asyncio.gather(*sealers)
    await seal_all(points)
    everything = 0
    for code in (QINGBO, DONGJIANG):
        ids = await chained(points, code)
        assert len(ids) == len(set(ids))
        assert set(ids) == await written(points, code)
        everything += len(ids)
    assert everything == WORKERS * 12 * 2


async def dying(points: Database) -> None:
    """Seal, and die before the commit."""
    sealed = 0
    while not sealed:
        async with points.transaction() as session:
            sealed = await seal(session, KEY, now=NOW)
            if sealed:
                raise ConnectionResetError


async def test_a_sealer_that_dies_before_its_commit_has_sealed_nothing(points: Database) -> None:
    async with points.transaction() as session:
        await grant(session, uuid.uuid4(), 1)
    with pytest.raises(ConnectionResetError):
        await dying(points)
    assert await seal_all(points) == 1
    assert len(await chained(points, QINGBO)) == 1


async def test_a_book_in_a_cluster_that_counts_from_the_beginning_is_not_sealed_wrongly(points: Database) -> None:
    async with points.transaction() as session:
        await grant(session, uuid.uuid4(), 1)
    await seal_all(points)
    owner = Database(
        points.engine.url.set(username="linli_points_owner").render_as_string(hide_password=False), name="fault"
    )
    async with owner.transaction() as session:
        await session.execute(text("UPDATE seal SET below_xid = 2 * 10 ^ 15"))
    await owner.close()
    with pytest.raises(TransactionsRanBackwardsError):
        await seal_now(points)


@pytest.mark.parametrize("statement", ["UPDATE seal SET count = 9", "DELETE FROM seal", "DELETE FROM refusal"])
async def test_the_service_itself_cannot_change_a_seal(points: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with points.transaction() as session:
            await session.execute(text(statement))
