"""The worker of the scenarios service."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

import httpx
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.arrivals.queries import find_unattended
from services.scenarios.arrivals.release_missed import release_missed
from services.scenarios.arrivals.release_seats import release_seats
from services.scenarios.communities.consumers import note_registered
from services.scenarios.communities.tables import Community
from services.scenarios.erasures.consumers import tell_erased
from services.scenarios.erasures.erase import erase
from services.scenarios.operators.consumers import note_debarred, note_entrusted, note_restored, note_restricted
from services.scenarios.reports.claim_errand import claim_errand
from services.scenarios.reports.client import run_errand
from services.scenarios.reports.note_outcome import note_outcome
from services.scenarios.rounds.book_allotment import book_allotment
from services.scenarios.rounds.draw_round import draw_round
from services.scenarios.rounds.queries import find_unbooked, find_undrawn
from services.scenarios.settings import City, ScenariosWorkerSettings
from services.scenarios.tariffs.consumers import note_answer
from services.scenarios.tariffs.queries import find_due_payments, find_payment
from services.scenarios.tariffs.settle_payment import settle_payment
from services.scenarios.timebank.consumers import note_pledged, note_posted
from services.scenarios.timetable.roll_windows import roll_windows
from services.scenarios.vacancy.roll_up import roll_up
from services.scenarios.vacancy.watch import watch
from services.scenarios.waitlist.promote import promote
from services.scenarios.waitlist.queries import find_due
from shared.clock import local_day
from shared.database import Database
from shared.erasure import ERASE_EVERY_S, erase_due, note_erasure
from shared.events.gateway import ErasureRequested
from shared.events.operations import (
    CommunityRegistered,
    ProviderDebarred,
    ProviderRestored,
    ProviderRestricted,
    SpaceEntrusted,
)
from shared.events.points import HelpPledged, HoursPosted, PaymentStepAnswered
from shared.inbox import on
from shared.worker import Job, create_worker, each

HANDLERS = (
    on(CommunityRegistered, note_registered),
    on(SpaceEntrusted, note_entrusted),
    on(ProviderDebarred, note_debarred),
    on(ProviderRestricted, note_restricted),
    on(ProviderRestored, note_restored),
    on(PaymentStepAnswered, note_answer),
    on(HelpPledged, note_pledged),
    on(HoursPosted, note_posted),
    on(ErasureRequested, note_erasure),
)
EVERY_MINUTE_S = 60.0
EVERY_HOUR_S = 3600.0
CITY_TIMEOUT_S = 10.0  # less than the first pause between two tries


async def _roll(database: Database) -> None:
    more = True
    while more:
        async with database.transaction() as session:
            more = await roll_windows(session, datetime.now(UTC)) > 0


async def _promote(database: Database) -> None:
    now = datetime.now(UTC)
    async with database.transaction() as session:
        due = await find_due(session, now)
    await each(database, due, lambda session, key: promote(session, *key, now))


async def _release_seats(database: Database) -> None:
    now = datetime.now(UTC)
    async with database.transaction() as session:
        due = await find_unattended(session, now)
    await each(database, due, lambda session, key: release_seats(session, *key, now))


async def _draw(database: Database) -> None:
    now = datetime.now(UTC)
    async with database.transaction() as session:
        due = await find_undrawn(session, now)
    try:
        await each(database, due, lambda session, round_id: draw_round(session, round_id, now))
    finally:
        async with database.transaction() as session:
            unbooked = await find_unbooked(session)
        await each(database, unbooked, lambda session, key: book_allotment(session, key, now))


async def _settle(database: Database) -> None:
    now = datetime.now(UTC)
    async with database.transaction() as session:
        due = await find_due_payments(session, now)

    async def settle(session: AsyncSession, key: tuple[str, uuid.UUID]) -> None:
        payment = await find_payment(session, *key, lock=True)
        if payment:
            await settle_payment(session, payment, now)

    await each(database, due, settle)


async def _erase(database: Database) -> None:
    await erase_due(database, erase, tell_erased, datetime.now(UTC))


async def _release(database: Database) -> None:
    more = True
    while more:
        async with database.transaction() as session:
            more = await release_missed(session, datetime.now(UTC)) > 0


async def exchange_report(database: Database, http: httpx.AsyncClient, cities: Sequence[City], now: datetime) -> bool:
    """Ask a city what is due, with no transaction open meanwhile; tell whether anything was."""
    async with database.transaction() as session:
        errand = await claim_errand(session, now)
    if errand:
        outcome = await run_errand(http, cities, errand, now)
        async with database.transaction() as session:
            await note_outcome(session, errand, outcome, now)
    return errand is not None


async def _exchange(database: Database, cities: Sequence[City]) -> None:
    async with httpx.AsyncClient(timeout=CITY_TIMEOUT_S) as http:
        while await exchange_report(database, http, cities, datetime.now(UTC)):
            pass


async def _in_each_community(
    database: Database, work: Callable[[AsyncSession, str, datetime], Awaitable[object]]
) -> None:
    async with database.transaction() as session:
        codes = (await session.scalars(select(Community.community_code))).all()
    await each(database, codes, lambda session, code: work(session, code, datetime.now(UTC)))


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
    Job("erase", ERASE_EVERY_S, _erase),
    Job("roll-windows", EVERY_MINUTE_S, _roll),
    Job("promote-waiting", 10.0, _promote),
    Job("draw-rounds", EVERY_MINUTE_S, _draw),
    Job("settle-payments", 5.0, _settle),
    Job("release-missed", EVERY_MINUTE_S, _release),
    Job("release-seats", EVERY_MINUTE_S, _release_seats),
    Job("watch-use", EVERY_HOUR_S, _watch),
    Job("roll-up-use", EVERY_HOUR_S, _roll_up),
)


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    settings = ScenariosWorkerSettings()
    exchange = Job("exchange-reports", EVERY_MINUTE_S, partial(_exchange, cities=settings.open311))
    return create_worker("scenarios", settings, HANDLERS, (*JOBS, exchange))
