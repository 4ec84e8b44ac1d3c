"""The worker of the operations service."""

from datetime import UTC, datetime

import structlog
from fastapi import FastAPI

from services.operations.anomalies.consumers import trace_attendance
from services.operations.cockpit.consumers import roll_up_attendance, roll_up_booking, roll_up_redemption
from services.operations.contracts.consumers import follow_debarred, follow_restored, follow_restricted
from services.operations.contracts.queries import find_all
from services.operations.erasures.consumers import erase_asked, tell_erased
from services.operations.fund.check_funds import check_funds
from services.operations.kpis.consumers import count_attendance, count_booking, count_redemption
from services.operations.kpis.measure_due import measure_due
from services.operations.listings.tell_ended import tell_ended
from services.operations.settlement.consumers import record_redemption, record_refund
from shared.database import Database
from shared.erasure import ERASE_EVERY_S, erase_due, note_erasure
from shared.events.gateway import ErasureRequested
from shared.events.operations import ProviderDebarred, ProviderRestored, ProviderRestricted
from shared.events.points import RedemptionCaptured, RedemptionRefunded
from shared.events.scenarios import AttendanceCompleted, BookingConfirmed
from shared.inbox import on
from shared.settings import WorkerSettings
from shared.worker import Job, create_worker, each

HANDLERS = (
    on(RedemptionCaptured, record_redemption),
    on(RedemptionRefunded, record_refund),
    on(RedemptionCaptured, count_redemption),
    on(AttendanceCompleted, count_attendance),
    on(BookingConfirmed, count_booking),
    on(RedemptionCaptured, roll_up_redemption),
    on(AttendanceCompleted, roll_up_attendance),
    on(BookingConfirmed, roll_up_booking),
    on(AttendanceCompleted, trace_attendance),
    on(ProviderDebarred, follow_debarred),
    on(ProviderRestricted, follow_restricted),
    on(ProviderRestored, follow_restored),
    on(ErasureRequested, note_erasure),
)

MEASURE_EVERY_S = 600.0
NIGHT_S = 86_400.0
TELL_ENDED_EVERY_S = 2.0  # a list is in force everywhere within five

log = structlog.get_logger()


async def nightly(database: Database) -> None:
    """Check the invariants of all funds."""
    async with database.transaction() as session:
        broken = await check_funds(session, datetime.now(UTC))
    for what in broken:
        log.error("fund invariant broken", what=what)


async def end_debarments(database: Database) -> None:
    """Tell which debarments have ended by their term."""
    async with database.transaction() as session:
        await tell_ended(session, datetime.now(UTC))


async def measure_kpis(database: Database) -> None:
    """Measure the KPIs of the months that have just ended."""
    now = datetime.now(UTC)
    async with database.transaction() as session:
        contracts = await find_all(session)
    await each(database, contracts, lambda session, key: measure_due(session, key, now))


async def erase_all(database: Database) -> None:
    """Erase whom the gateway asks to erase."""
    await erase_due(database, erase_asked, tell_erased, datetime.now(UTC))


JOBS = (
    Job("erase", ERASE_EVERY_S, erase_all),
    Job("end-debarments", TELL_ENDED_EVERY_S, end_debarments),
    Job("measure-kpis", MEASURE_EVERY_S, measure_kpis),
    Job("fund-checks", NIGHT_S, nightly),
)


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    return create_worker("operations", WorkerSettings(), HANDLERS, JOBS)
