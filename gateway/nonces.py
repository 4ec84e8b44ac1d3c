"""Nonces: each is good for one call of its application, whichever replica it comes to.

Claims that come together go to the database together, in one statement that is atomic over all replicas.
"""

import asyncio
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy import text

from gateway.dialects.core import SKEW_MAX_S
from gateway.dialects.refusals import NonceUsed
from gateway.refusals import NoncesAway
from shared.database import Database

KEPT = timedelta(seconds=2 * SKEW_MAX_S + 10)
"""A call may be dated SKEW_MAX_S ahead and be taken until SKEW_MAX_S after that; clocks of replicas differ a little."""
BATCH_MAX = 500
TIMEOUT_S = 1.0
AWAY = Counter("linli_gateway_nonces_unchecked_total", "Reads that passed while the nonce store was away")

log = structlog.get_logger()

# Sorted, so that two replicas with the same nonces do not deadlock.
_CLAIM = text("""
    INSERT INTO nonce (application, nonce, expires_at)
    SELECT application, nonce, :expires_at
    FROM unnest(CAST(:applications AS text[]), CAST(:nonces AS bytea[])) AS claimed (application, nonce)
    ORDER BY application, nonce
    ON CONFLICT DO NOTHING RETURNING application, nonce
""")

Key = tuple[str, bytes]


class Nonces:
    """Claims nonces."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Key, datetime, asyncio.Future[bool]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def claim(self, application: str, nonce: bytes, now: datetime, *, writes: bool) -> None:
        """Claim a nonce for a call.

        Raises:
            NonceUsed: It was claimed before.
            NoncesAway: Nobody can tell, and the call writes. A read passes, and is counted.
        """
        fresh: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(((application, nonce), now, fresh))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        try:
            is_fresh = await fresh
        except ConnectionError as error:
            if writes:
                raise NoncesAway from error
            AWAY.inc()
            return
        if not is_fresh:
            raise NonceUsed

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    fresh = await self._claim({key for key, _, _ in batch}, max(now for _, now, _ in batch))
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody can tell whether a nonce is fresh
                log.critical("nonce store away", error=type(error).__name__)
                for _, _, waiting in batch:
                    if not waiting.done():
                        waiting.set_exception(ConnectionError("nonce store away"))
                continue
            for key, _, waiting in batch:
                if not waiting.done():
                    waiting.set_result(key in fresh)
                fresh.discard(key)

    async def _claim(self, keys: set[Key], now: datetime) -> set[Key]:
        bound = {
            "applications": [application for application, _ in keys],
            "nonces": [nonce for _, nonce in keys],
            "expires_at": now + KEPT,
        }
        async with self._database.transaction() as session:
            rows = await session.execute(_CLAIM, bound)
            return {(application, bytes(nonce)) for application, nonce in rows}
