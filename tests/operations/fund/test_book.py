"""The fund's book holds whatever anybody does to it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.fund.check_funds import check_funds
from services.operations.fund.earmark import earmark
from services.operations.fund.move import move
from services.operations.fund.open_fund import open_fund
from services.operations.fund.queries import accounts, hold, pot
from services.operations.fund.receive import receive
from services.operations.fund.rules import (
    EarmarkViolated,
    FundExists,
    FundUnseen,
    PotExists,
    PotOverdrawn,
    PotUnseen,
    ReferenceUsed,
    check_earmark,
)
from services.operations.worker import JOBS
from shared.database import Database
from tests.ground import MakeDatabase
from tests.operations.fund.funding import OPENING, POT, funded, receipt
from tests.operations.ground import DONGJIANG, NOW


async def balances(database: Database) -> dict[str, int]:
    async with database.transaction() as session:
        return {one.code: one.balance_fen for one in await accounts(session, DONGJIANG)}


async def test_money_has_two_sides_and_the_accounts_sum_to_0(database: Database) -> None:
    await funded(database, 1_000)
    assert await balances(database) == {"points": 1_000, "general": 1_000, "@outside": -2_000}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE fund_account SET balance_fen = 5 WHERE code = 'points'",
        "UPDATE fund_transfer SET amount_fen = 5",
        "DELETE FROM fund_transfer",
        "DELETE FROM fund_approval",
    ],
)
async def test_nothing_that_moved_can_be_changed(database: Database, change: str) -> None:
    await funded(database, 1_000)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.transaction() as session:
            await session.execute(text(change))


async def test_accounts_that_do_not_sum_to_0_do_not_commit(database: Database) -> None:
    await funded(database, 1_000)
    with pytest.raises(IntegrityError, match="do not sum to 0"):
        async with database.transaction() as session:
            await session.execute(
                text("""
                    INSERT INTO fund_account (community_code, code, kind, name, purposes, balance_fen)
                    VALUES (:code, 'gift', 'pot', '凭空', '[]', 5)"""),
                {"code": DONGJIANG},
            )


async def test_a_pot_cannot_be_overdrawn_by_the_code_nor_behind_its_back(database: Database) -> None:
    await funded(database, 1_000)
    out = receipt(1_001, "@outside", "bank:9")
    with pytest.raises(PotOverdrawn):
        async with database.transaction() as session:
            await move(session, replace(out, from_account="points"))
    with pytest.raises(IntegrityError, match="is_not_overdrawn"):
        async with database.transaction() as session:
            await session.execute(
                text("""
                    INSERT INTO fund_transfer (community_code, from_account, to_account, amount_fen, reference, memo,
                        moved_at, moved_by)
                    VALUES (:code, 'points', '@outside', 1001, 'x', 'x', now(), 'staff:li')"""),
                {"code": DONGJIANG},
            )


async def test_of_32_at_once_a_pot_pays_those_it_can(database: Database) -> None:
    await funded(database, 1_000)

    async def take(n: int) -> bool:
        out = receipt(100, "@outside", f"bank:out-{n}")
        try:
            async with database.transaction() as session:
                await hold(session, DONGJIANG)
                await move(session, replace(out, from_account="points"))
        except PotOverdrawn:
            return False
        return True

    assert sum(await asyncio.gather(*(take(n) for n in range(32)))) == 10
    assert await balances(database) == {"points": 0, "general": 1_000, "@outside": -1_000}


async def test_one_receipt_is_booked_once_whoever_brings_it_32_times(database: Database) -> None:
    await funded(database, 1_000)

    async def bring() -> bool:
        try:
            async with database.transaction() as session:
                await receive(session, receipt(7, reference="bank:same"))
        except ReferenceUsed:
            return False
        return True

    assert sum(await asyncio.gather(*(bring() for _ in range(32)))) == 1
    assert (await balances(database))["points"] == 1_007


async def test_refusals(database: Database) -> None:
    with pytest.raises(CommunityNotRegistered):
        async with database.transaction() as session:
            await open_fund(session, OPENING)
    with pytest.raises(FundUnseen):
        async with database.transaction() as session:
            await earmark(session, POT)
    await funded(database, 1_000)
    async with database.transaction() as session:
        with pytest.raises(FundExists):
            await open_fund(session, OPENING)
        with pytest.raises(PotExists):
            await earmark(session, POT)
        with pytest.raises(PotUnseen):
            await pot(session, DONGJIANG, "@outside")
    with pytest.raises(EarmarkViolated):
        check_earmark("points", ["points"], "activities")
    check_earmark("general", [], "activities")


async def test_each_night_all_funds_are_checked_and_a_broken_one_is_named(make_database: MakeDatabase) -> None:
    operations = await make_database("operations")
    database, owner = Database(operations.app, name="test"), Database(operations.owner, name="test")
    async with database.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO community_reference VALUES (:c, '东江', left(:c, 9), '', left(:c, 6), '', left(:c, 4), '')"
            ),
            {"c": DONGJIANG},
        )
    await funded(database, 1_000)
    [nightly] = [job for job in JOBS if job.name == "fund-checks"]
    await nightly.run(database)
    async with owner.transaction() as session:  # a hand that may do anything, and gets around the trigger
        await session.execute(text("UPDATE fund_account SET balance_fen = balance_fen + 5 WHERE code = 'points'"))
        await session.execute(text("UPDATE fund_account SET balance_fen = balance_fen - 5 WHERE code = 'general'"))
    async with database.transaction() as session:
        broken = await check_funds(session, NOW + timedelta(days=400))
    assert broken == [
        f"{DONGJIANG}: the balance of general is not what its transfers come to",
        f"{DONGJIANG}: the balance of points is not what its transfers come to",
    ]
    async with database.transaction() as session:
        kept = await session.execute(text("SELECT funds, broken FROM fund_check ORDER BY checked_at"))
        assert [tuple(row) for row in kept] == [(1, []), (1, broken)]
    await database.close()
    await owner.close()
