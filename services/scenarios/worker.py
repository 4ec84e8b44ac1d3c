"""The worker of the scenarios service."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.communities.consumers import note_registered
from services.scenarios.communities.tables import Community
from services.scenarios.operators.consumers import note_debarred, note_entrusted, note_restored, note_restricted
from services.scenarios.timetable.roll_windows import roll_windows
from services.scenarios.vacancy.roll_up import roll_up
from services.scenarios.vacancy.watch import watch
from shared.clock import local_day
from shared.database import Database
from shared.events.operations import (
    CommunityRegistered,
    ProviderDebarred,
    ProviderRestored,
    ProviderRestricted,
    SpaceEntrusted,
)
from shared.inbox import on
from shared.settings import WorkerSettings
from shared.worker import Job, create_worker

HANDLERS = (
    on(CommunityRegistered, note_registered),
    on(SpaceEntrusted, note_entrusted),
    on(ProviderDebarred, note_debarred),
    on(ProviderRestricted, note_restricted),
    on(ProviderRestored, note_restored),
)


async def _roll(database: Database) -> None:
    more = True
    while more:
        async with database.transaction() as session:
            more = await roll_windows(session, datetime.now(UTC)) > 0


async def _in_each_community(
    database: Database, work: Callable[[AsyncSession, str, datetime], Awaitable[object]]
) -> None:
    async with database.transaction() as session:
        codes = (await session.scalars(select(Community.community_code))).all()
    for code in codes:  # a transaction each, so that one which fails takes no other with it
        async with database.transaction() as session:
            await work(session, code, datetime.now(UTC))


async def _watch(database: Database) -> None:
    await _in_each_community(database, watch)


async def _roll_up(database: Database) -> None:
    await _in_each_community(database, _roll_up_two_months)


async def _roll_up_two_months(session: AsyncSession, code: str, now: datetime) -> None:
    today = local_day(now)
    for month in (_month_before(today), today):  # the month before may still get what was entered from paper
        await roll_up(session, code, month, now)


def _month_before(day: date) -> date:
    return day.replace(day=1) - timedelta(days=1)


JOBS = (
    Job("roll-windows", 60.0, _roll),
    Job("watch-use", 3600.0, _watch),
    Job("roll-up-use", 3600.0, _roll_up),
)


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    return create_worker("scenarios", WorkerSettings(), HANDLERS, JOBS)
