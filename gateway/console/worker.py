"""The gateway's worker: takes in what other services tell, and does what is due."""

from datetime import UTC, datetime, timedelta

from fastapi import FastAPI
from sqlalchemy import delete, func

from gateway.console.exchange.consumers import keep_messages
from gateway.console.exchange.tables import ExchangeRecord
from gateway.console.mqtt import Mqtt
from gateway.console.privacy_requests.consumers import note_answer
from gateway.console.privacy_requests.erase import erase, note_done
from gateway.console.providers.consumers import note_debarment, note_listing, note_restoration
from gateway.console.settings import ConsoleWorkerSettings
from gateway.console.verification.carry_out import Checks
from gateway.console.verification.client import DataSharing
from gateway.console.webhooks.consumers import note_messages
from gateway.console.webhooks.deliver import Deliveries
from gateway.console.webhooks.tables import Delivery
from gateway.events import SUBSCRIBABLE
from gateway.tables import Allowance, Nonce
from shared.database import Database
from shared.erasure import ERASE_EVERY_S, erase_due
from shared.events import operations, points, scenarios
from shared.events.operations import ProviderDebarred, ProviderListed, ProviderRestored
from shared.inbox import on, on_messages
from shared.worker import Job, create_worker

FORGET_EVERY_S = 60.0
DELIVER_EVERY_S = 0.5
CHECK_EVERY_S = 0.5
DELIVERIES_KEPT = timedelta(days=30)
RECORDS_KEPT = timedelta(days=3 * 366)
"""As long as what is said of a provision must be shown to be true."""

HANDLERS = (
    on(ProviderListed, note_listing),
    on(ProviderDebarred, note_debarment),
    on(ProviderRestored, note_restoration),
    *(on(each.ResidentErased, note_answer) for each in (points, scenarios, operations)),
    *(on_messages(event, note_messages) for event in SUBSCRIBABLE.values()),
    *(on_messages(event, keep_messages) for event in SUBSCRIBABLE.values()),
)


async def forget_nonces(database: Database) -> None:
    """Delete the nonces that no clock could take any more; a minute's grace is for clocks of replicas."""
    async with database.transaction() as session:
        await session.execute(delete(Nonce).where(Nonce.expires_at < func.now() - timedelta(minutes=1)))


async def forget_allowances(database: Database) -> None:
    """Delete the allowances that are whole again."""
    async with database.transaction() as session:
        await session.execute(delete(Allowance).where(Allowance.tat < func.extract("epoch", func.now()) - 60))


async def forget_deliveries(database: Database) -> None:
    """Delete what was told, or given up, a month ago."""
    async with database.transaction() as session:
        old = delete(Delivery).where(Delivery.created_at < func.now() - DELIVERIES_KEPT)
        await session.execute(old.where(Delivery.due_at.is_(None)))


async def forget_records(database: Database) -> None:
    """Delete what was there to provide for three years; that it was provided stays on record."""
    async with database.transaction() as session:
        await session.execute(delete(ExchangeRecord).where(ExchangeRecord.received_at < func.now() - RECORDS_KEPT))


async def erase_all(database: Database) -> None:
    """Forget residents whom all services have erased."""
    await erase_due(database, erase, note_done, datetime.now(UTC))


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    settings = ConsoleWorkerSettings()
    key = bytes.fromhex(settings.registry_key.get_secret_value())
    deliveries = Deliveries(key, settings.webhook_networks)
    sharing = DataSharing(settings.data_sharing) if settings.data_sharing else None
    jobs = [
        Job("forget-nonces", FORGET_EVERY_S, forget_nonces),
        Job("forget-allowances", FORGET_EVERY_S, forget_allowances),
        Job("forget-deliveries", FORGET_EVERY_S, forget_deliveries),
        Job("forget-records", FORGET_EVERY_S, forget_records),
        Job("erase", ERASE_EVERY_S, erase_all),
        Job("deliver", DELIVER_EVERY_S, deliveries.send),
        Job("carry-out-checks", CHECK_EVERY_S, Checks(key, sharing).run),
    ]
    if settings.mqtt:
        # It never ends by itself. Two workers share what comes: the lease only spares the second a connection.
        jobs.append(Job("mqtt", 1.0, Mqtt(settings.mqtt.get_secret_value(), key).run))
    return create_worker("gateway", settings, HANDLERS, jobs)
