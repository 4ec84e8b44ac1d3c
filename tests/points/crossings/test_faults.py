"""Whatever messages and processes suffer, nothing crosses by half."""

import random
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from services.points.crossings.rules import CellsDisagree
from services.points.crossings.tables import Discord
from shared.database import Database
from tests.points.book import DONGJIANG, QINGBO, broken
from tests.points.crossings.cells import Cell, World, request, settle_people, sides


async def live(databases: dict[str, Database], crossings: int, seed: int, *, at_once: int, people: int = 0) -> World:
    """Let residents of both cells buy in the other, some at a time, while everything goes wrong, and look all along."""
    cells = {home: Cell(home, database) for home, database in databases.items()}
    world = World(cells, random.Random(seed))  # noqa: S311 - faults to try
    if people:
        world.people = {home: await settle_people(cell.database, home, people) for home, cell in cells.items()}
    for number in range(crossings):
        await world.buy(QINGBO if world.dice.random() < 0.7 else DONGJIANG)
        if number % at_once == 0:
            await world.pass_time(world.dice.uniform(1, 30))
        if number % (at_once * 5) == at_once * 2:
            world.cut_until = world.now + timedelta(seconds=world.dice.choice((60, 150, 400)))
        if number % (at_once * 10) == at_once * 5:
            for home in databases:
                (await sides(world, home)).check(at_rest=False)
    await world.settle_down()
    return world


async def hold(world: World) -> dict[str, int]:
    """Hold everything against everything; returns how often what the test is about has happened."""
    seen: dict[str, int] = {}
    for home, cell in world.cells.items():
        (await sides(world, home)).check(at_rest=True)
        async with cell.database.transaction() as session:
            assert await broken(session) == []
            assert await session.scalar(text("SELECT count(*) FROM hold WHERE closed_as IS NULL")) == 0
            assert await session.scalar(text("SELECT count(*) FROM dead_letter")) == 0
            assert list(await session.scalars(select(Discord.what))) == []
            for state, late, times in await session.execute(_SEEN):
                name = f"{state} after the deadline" if late else state
                seen[name] = seen.get(name, 0) + times
    return seen


_SEEN = text("SELECT state, asked_at > deadline AS late, count(*) FROM crossing GROUP BY 1, 2")


@pytest.mark.proves("P27", "R10")
async def test_nothing_crosses_by_half_whatever_messages_and_processes_suffer_and_a_restored_cell_is_noticed(
    databases: dict[str, Database], postgres: str
) -> None:
    world = await live(databases, 80, seed=27, at_once=8)
    seen = await hold(world)
    assert world.died > 10
    assert seen.keys() >= {"captured", "captured after the deadline", "released after the deadline"}, seen
    world.faults = False
    await restore_and_notice(world, QINGBO, postgres)


@pytest.mark.nightly
async def test_10_000_crossings_through_every_fault_leave_no_half_transfer(databases: dict[str, Database]) -> None:
    world = await live(databases, 10_000, seed=10, at_once=200, people=200)
    seen = await hold(world)
    assert (world.died > 500, sum(seen.values()) > 9_500) == (True, True)


async def test_the_merchants_cell_restored_from_an_old_backup_is_noticed_too(
    databases: dict[str, Database], postgres: str
) -> None:
    cells = {home: Cell(home, database) for home, database in databases.items()}
    world = World(cells, random.Random(3), faults=False)  # noqa: S311 - nothing to guess
    await restore_and_notice(world, DONGJIANG, postgres)


async def restore_and_notice(world: World, restored: str, postgres: str) -> None:
    """Take a cell back to what it was some crossings ago: both cells notice, and nothing crosses any more."""
    await buy_some(world)
    backup = await back_up(world.cells[restored].database, postgres)
    await buy_some(world)
    world.cells[restored].database = backup
    await buy_some(world, settle=False)
    for _ in range(6):
        await world.pass_time(10)
    for home, cell in world.cells.items():
        async with cell.database.transaction() as session:
            assert await session.scalar(select(Discord.what)), f"{home} has noticed"
            with pytest.raises(CellsDisagree):
                await request(session, home)
    await backup.close()


async def buy_some(world: World, *, settle: bool = True) -> None:
    for home in (QINGBO, DONGJIANG) * 3:
        await world.buy(home)
    if settle:
        await world.settle_down()


async def back_up(database: Database, postgres: str) -> Database:
    """Copy a database as it stands; returns it opened."""
    url = database.engine.url
    name = f"{url.database}_backup"
    await database.close()
    admin = await asyncpg.connect(postgres)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {url.database}")
    await admin.close()
    copied = make_url(url).set(database=name, drivername="postgresql")
    return Database(copied.render_as_string(hide_password=False), name="backup", pool_size=4)
