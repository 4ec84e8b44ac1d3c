"""Deliver what is due: claim it, call outside of any transaction, note what came of it."""

import asyncio
import json
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import structlog
from sqlalchemy import func, select, text, update

from gateway.console.applications.tables import ApplicationSecret
from gateway.console.changes.tables import Setting
from gateway.console.consents.queries import is_lacking
from gateway.console.consents.rules import residents_in
from gateway.console.providers.tables import Debarred, Listed
from gateway.console.webhooks.rules import Network, pause_after, seen_by, signature, webhook_key
from gateway.console.webhooks.tables import Delivery
from gateway.console.webhooks.target import AddressRefusedError, find_target
from gateway.disclosure import sight_key
from gateway.registry import Application, Subscription, subject_of
from gateway.sealing import unseal
from shared.database import Database

TIMEOUT_S = 15.0
CLAIMED_FOR = timedelta(seconds=60)
"""If we end while we call, the delivery is due again after this time."""
BATCH, BATCH_OF_ONE_MAX = 50, 10
"""A receiver that is slow or away holds up at most its share of a batch."""

NOT_IN_FORCE = "subscription or application not in force"

log = structlog.get_logger()

_CLAIM = text("""
    UPDATE delivery SET due_at = now() + :claimed_for, attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM delivery WHERE id IN (
            SELECT id FROM (
                SELECT id, due_at, row_number() OVER (PARTITION BY subscription ORDER BY due_at, id) AS place
                FROM delivery WHERE due_at <= now()
            ) AS due WHERE place <= :of_one ORDER BY due_at, id LIMIT :most
        ) AND due_at <= now() FOR UPDATE SKIP LOCKED
    ) RETURNING id, subscription, application, event_id, body, attempts
""")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try: a status, or a fault that is not the receiver's answer."""

    status: int | None
    fault: str | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it now."""
        return self.status is not None and httpx.codes.is_success(self.status)


class NotToldError(Exception):
    """What was noted is not to be told any more, or not now."""


class Deliveries:
    """Sends what is due.

    Args:
        key: Opens the applications' secrets, and makes the pseudonyms that they know people by.
        exempt: Networks of the operator's own that may be called though they are not public.
    """

    def __init__(self, key: bytes, exempt: Sequence[Network]) -> None:
        self._key = key
        self._exempt = exempt
        self._tls = ssl.create_default_context()

    async def send(self, database: Database) -> None:
        """Send all that is due now."""
        # No connection is kept: one to an address would serve another name that leads there.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(
            trust_env=False, follow_redirects=False, limits=limits, timeout=TIMEOUT_S, verify=self._tls
        ) as http:
            while claimed := await self._claim(database):
                await asyncio.gather(*(self._deliver(database, http, one) for one in claimed))

    async def _claim(self, database: Database) -> Sequence[Delivery]:
        given = {"claimed_for": CLAIMED_FOR, "of_one": BATCH_OF_ONE_MAX, "most": BATCH}
        async with database.transaction() as session:
            rows = await session.execute(_CLAIM, given)
            return [Delivery(**row) for row in rows.mappings()]

    async def _deliver(self, database: Database, http: httpx.AsyncClient, one: Delivery) -> None:
        outcome = await self._try(database, http, one)
        pause = None if outcome.is_taken else pause_after(one.attempts, outcome.status)
        facts = {
            "last_status": outcome.status,
            "last_fault": outcome.fault,
            "delivered_at": func.now() if outcome.is_taken else None,
            "due_at": func.now() + pause if pause else None,
        }
        async with database.transaction() as session:
            await session.execute(update(Delivery).where(Delivery.id == one.id).values(**facts))
        log.info("webhook", subscription=one.subscription, event_id=str(one.event_id), status=outcome.status)

    async def _try(self, database: Database, http: httpx.AsyncClient, one: Delivery) -> Outcome:
        try:
            subscription, keys = await self._read(database, one)
        except NotToldError as error:
            return Outcome(None, str(error))
        pseudonyms = sight_key(self._key, subject_of(one.application))
        body, now = seen_by(one.body, subscription.level, pseudonyms), int(time.time())
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": "linli-webhooks",
            "webhook-id": str(one.event_id),
            "webhook-timestamp": str(now),
            "webhook-signature": signature(keys, str(one.event_id), now, body),
        }
        try:
            async with asyncio.timeout(TIMEOUT_S):
                target = await find_target(subscription.url, self._exempt)
                answer = await http.send(target.request(http, headers, body), stream=True)
                await answer.aclose()
        except AddressRefusedError as error:
            return Outcome(None, str(error))
        except (httpx.HTTPError, OSError, TimeoutError) as error:
            return Outcome(None, type(error).__name__)
        return Outcome(answer.status_code, "redirect refused" if answer.is_redirect else None)

    async def _read(self, database: Database, one: Delivery) -> tuple[Subscription, list[bytes]]:
        """Return the subscription in force and the keys of its application.

        Raises:
            NotToldError: It may not call, or a resident whose consent that takes has withdrawn it since.
        """
        async with database.transaction() as session:
            told = await session.get(Setting, ("subscription", one.subscription))
            registered = await session.get(Setting, ("application", one.application))
            rows = select(ApplicationSecret).where(ApplicationSecret.application == one.application)
            secrets = list(await session.scalars(rows.order_by(ApplicationSecret.place)))
            debarred = {row.provider_id: row.debarred_from for row in await session.scalars(select(Debarred))}
            listed = set(await session.scalars(select(Listed.provider_id)))
            if not (told and told.document and registered and registered.document):
                raise NotToldError(NOT_IN_FORCE)
            application = Application.model_validate(registered.document)
            if (version := application.consent_version) is not None:
                residents = residents_in(json.loads(one.body)["data"])
                if await is_lacking(session, residents, one.application, version):
                    raise NotToldError("no consent in force")
        until = application.may_call_until(listed, debarred)
        subscription = Subscription.model_validate(told.document)
        if until is None or datetime.now(UTC) >= until or subscription.application != one.application or not secrets:
            raise NotToldError(NOT_IN_FORCE)
        opened = (unseal(self._key, s.sealed, application=s.application, place=s.place) for s in secrets)
        return subscription, [webhook_key(secret) for secret in opened]
