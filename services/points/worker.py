"""The worker of the points service."""

from datetime import UTC, datetime

from fastapi import FastAPI

from services.points.communities.consumers import note_community
from services.points.earning.consumers import earn_by_attendance
from services.points.merchants.consumers import note_debarment, note_listing, note_restoration, note_restriction
from services.points.proof.rules import SealingKey
from services.points.proof.seal import seal
from services.points.settings import PointsWorkerSettings
from shared.database import Database
from shared.events.operations import (
    CommunityRegistered,
    ProviderDebarred,
    ProviderListed,
    ProviderRestored,
    ProviderRestricted,
)
from shared.events.scenarios import AttendanceCompleted
from shared.inbox import on
from shared.worker import Job, create_worker

SEAL_EVERY_S = 20

HANDLERS = (
    on(CommunityRegistered, note_community),
    on(ProviderListed, note_listing),
    on(ProviderDebarred, note_debarment),
    on(ProviderRestricted, note_restriction),
    on(ProviderRestored, note_restoration),
    on(AttendanceCompleted, earn_by_attendance),
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

    return create_worker("points", settings, HANDLERS, [Job("seal", SEAL_EVERY_S, seal_all)])
