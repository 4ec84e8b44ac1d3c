"""The worker of the points service."""

from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import FastAPI

from services.points.communities.consumers import note_community
from services.points.crossings.consumers import handlers_of
from services.points.crossings.repeat_requests import repeat_requests
from services.points.earning.consumers import deed_of, earn_by_attendance
from services.points.erasures.consumers import erase_asked, tell_erased
from services.points.expiry.close_holds import HOLDS_AT_ONCE, close_holds
from services.points.expiry.expire import ACCOUNTS_AT_ONCE, expire
from services.points.expiry.notify import NOTICES_AT_ONCE, notify
from services.points.fraud.screen import screen
from services.points.liability.consumers import note_funding
from services.points.merchants.consumers import note_debarment, note_listing, note_restoration, note_restriction
from services.points.proof.rules import SealingKey
from services.points.proof.seal import seal
from services.points.reservations.consumers import take_step
from services.points.settings import PointsWorkerSettings
from services.points.statements.fold import fold
from services.points.timebank.consumers import pledge, post_hours, release_pledge
from services.points.vouchers.close_vouchers import VOUCHERS_AT_ONCE, close_vouchers, retry_vouchers
from shared.database import Database
from shared.erasure import ERASE_EVERY_S, erase_due, note_erasure
from shared.events.gateway import ErasureRequested
from shared.events.operations import (
    CommunityRegistered,
    PointsFunded,
    ProviderDebarred,
    ProviderListed,
    ProviderRestored,
    ProviderRestricted,
)
from shared.events.scenarios import AttendanceCompleted, HelpAgreed, HelpCancelled, HelpConfirmed, PaymentStepRequested
from shared.inbox import Handler, on, on_sets
from shared.worker import Job, create_worker

SEAL_EVERY_S = 20
CLOSE_EVERY_S = 20
TIDY_EVERY_S = 3600
ASK_AGAIN_EVERY_S = 10

HANDLERS = (
    on(CommunityRegistered, note_community),
    on(ProviderListed, note_listing),
    on(ProviderDebarred, note_debarment),
    on(ProviderRestricted, note_restriction),
    on(ProviderRestored, note_restoration),
    on(PointsFunded, note_funding),
    on(PaymentStepRequested, take_step),
    on(HelpAgreed, pledge),
    on(HelpCancelled, release_pledge),
    on(HelpConfirmed, post_hours),
    on(ErasureRequested, note_erasure),
    on_sets(AttendanceCompleted, deed_of, earn_by_attendance),
)


def handlers_in(cell: str) -> Sequence[Handler]:
    """Return what the service does with which event in the cell of a prefix; empty: there is one cell for all."""
    return [*HANDLERS, *handlers_of(cell)] if cell else HANDLERS


async def expire_all(database: Database) -> None:
    """Move what has expired to the pools, some accounts at a time."""
    moved = ACCOUNTS_AT_ONCE
    while moved == ACCOUNTS_AT_ONCE:
        async with database.transaction() as session:
            moved = await expire(session, now=datetime.now(UTC))


async def close_all_holds(database: Database) -> None:
    """Close the holds that are over."""
    closed = HOLDS_AT_ONCE
    while closed:
        async with database.transaction() as session:
            closed = await close_holds(session, now=datetime.now(UTC))


async def notify_all(database: Database) -> None:
    """Tell residents of points that expire soon, some at a time."""
    given = NOTICES_AT_ONCE
    while given == NOTICES_AT_ONCE:
        async with database.transaction() as session:
            given = await notify(session, now=datetime.now(UTC))


async def screen_all(database: Database) -> None:
    """Look for fraud; as long as nobody does, nothing leaves."""
    async with database.transaction() as session:
        await screen(session, now=datetime.now(UTC))


async def fold_all(database: Database) -> None:
    """Note the balances of accounts that keep none."""
    async with database.transaction() as session:
        await fold(session)


async def close_all_vouchers(database: Database) -> None:
    """Decide anew on vouchers that wait, and close those that are over."""
    for step in (retry_vouchers, close_vouchers):
        done, now = VOUCHERS_AT_ONCE, datetime.now(UTC)
        while done == VOUCHERS_AT_ONCE:
            async with database.transaction() as session:
                done = await step(session, now=now)


async def erase_all(database: Database) -> None:
    """Erase whom the gateway asks to erase."""
    await erase_due(database, erase_asked, tell_erased, datetime.now(UTC))


async def ask_again(database: Database) -> None:
    """Ask other cells again what they have not answered."""
    async with database.transaction() as session:
        await repeat_requests(session, now=datetime.now(UTC))


CROSSING = Job("ask other cells again", ASK_AGAIN_EVERY_S, ask_again)
TIDYING = (
    Job("erase", ERASE_EVERY_S, erase_all),
    Job("close-holds", CLOSE_EVERY_S, close_all_holds),
    Job("vouchers", TIDY_EVERY_S, close_all_vouchers),
    Job("expire", TIDY_EVERY_S, expire_all),
    Job("notify", TIDY_EVERY_S, notify_all),
    Job("screen", TIDY_EVERY_S, screen_all),
    Job("fold", TIDY_EVERY_S, fold_all),
)


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    settings = PointsWorkerSettings()
    key = SealingKey(settings.seal_private_key.get_secret_value())

    async def seal_all(database: Database) -> None:
        waiting = 1
        while waiting:
            async with database.transaction() as session:
                waiting = await seal(session, key, now=datetime.now(UTC))

    jobs = [Job("seal", SEAL_EVERY_S, seal_all), *TIDYING]
    if settings.cell:
        jobs.append(CROSSING)
    return create_worker("points", settings, handlers_in(settings.cell), jobs)
