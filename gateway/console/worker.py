"""The gateway's worker: takes in what other services tell, and does what is due."""

from datetime import timedelta

from fastapi import FastAPI
from sqlalchemy import delete, func

from gateway.console.providers.consumers import note_debarment, note_restoration
from gateway.tables import Nonce
from shared.database import Database
from shared.events.operations import ProviderDebarred, ProviderRestored
from shared.inbox import on
from shared.settings import WorkerSettings
from shared.worker import Job, create_worker

FORGET_EVERY_S = 60.0

HANDLERS = (on(ProviderDebarred, note_debarment), on(ProviderRestored, note_restoration))


async def forget_nonces(database: Database) -> None:
    """Delete the nonces that no clock could take any more; a minute's grace is for clocks of replicas."""
    async with database.transaction() as session:
        await session.execute(delete(Nonce).where(Nonce.expires_at < func.now() - timedelta(minutes=1)))


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    jobs = [Job("forget-nonces", FORGET_EVERY_S, forget_nonces)]
    return create_worker("gateway", WorkerSettings(), HANDLERS, jobs)
