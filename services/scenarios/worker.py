"""The worker of the scenarios service."""

from datetime import UTC, datetime

from fastapi import FastAPI

from services.scenarios.communities.consumers import note_registered
from services.scenarios.timetable.roll_windows import roll_windows
from services.scenarios.waitlist.promote import promote
from services.scenarios.waitlist.queries import find_due
from shared.database import Database
from shared.events.operations import CommunityRegistered
from shared.inbox import on
from shared.settings import WorkerSettings
from shared.worker import Job, create_worker

HANDLERS = (on(CommunityRegistered, note_registered),)
ROLL_EVERY_S = 60.0
PROMOTE_EVERY_S = 10.0


async def _roll(database: Database) -> None:
    more = True
    while more:
        async with database.transaction() as session:
            more = await roll_windows(session, datetime.now(UTC)) > 0


async def _promote(database: Database) -> None:
    now = datetime.now(UTC)
    async with database.transaction() as session:
        due = await find_due(session, now)
    for community_code, activity_id in due:
        async with database.transaction() as session:
            await promote(session, community_code, activity_id, now)


JOBS = (Job("roll-windows", ROLL_EVERY_S, _roll), Job("promote", PROMOTE_EVERY_S, _promote))


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    return create_worker("scenarios", WorkerSettings(), HANDLERS, JOBS)
