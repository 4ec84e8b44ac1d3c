"""Limits and quotas that replicas share without asking each other for every call.

Each replica decides by what it knows, and tells the database ten times a second what it has admitted; the answer is
what all have admitted together. What was admitted too much stays on the account and is waited off, so the long run is
exact. Between two reports a replica counts for the others too, by the share that it last saw them have.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import text

from gateway.limits import CALLERS_MAX, Decision, Limit, decide
from shared.database import Database

REPORT_EVERY_S = 0.1
REPORT_TIMEOUT_S = 1.0
OTHERS_MAX = 16.0
QUOTA_ASKED_FOR_S = 60.0
FAILURES = Counter("linli_gateway_limit_reports_failed_total", "Times that limits were counted in this process alone")
LOCAL = Gauge("linli_gateway_limits_local", "1 while limits are counted in this process alone")

log = structlog.get_logger()

_REPORT = text("""
    INSERT INTO allowance AS kept (key, tat, added)
    SELECT key, since + added, added
    FROM unnest(CAST(:keys AS text[]), CAST(:sinces AS float8[]), CAST(:addeds AS float8[])) AS new (key, since, added)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE
    SET tat = greatest(kept.tat, excluded.tat - excluded.added) + excluded.added, added = excluded.added
    RETURNING key, tat
""")
_COUNT = text("""
    INSERT INTO quota AS kept (key, used)
    SELECT key, used FROM unnest(CAST(:keys AS text[]), CAST(:useds AS bigint[])) AS new (key, used) ORDER BY key
    ON CONFLICT (key) DO UPDATE SET used = kept.used + excluded.used
    RETURNING key, used
""")


@dataclass(slots=True)
class _Account:
    """One caller's allowance as this replica knows it.

    Attributes:
        tat: Its theoretical arrival time, in seconds of Unix time.
        told: What all replicas together came to at the last report.
        added: What was admitted here and not reported yet, in seconds of the limit's interval.
        since: When the first of it was.
        others: How much all admit for each call admitted here.
    """

    tat: float = 0.0
    told: float = 0.0
    added: float = 0.0
    since: float = 0.0
    others: float = 1.0


class SharedLimiter:
    """Decides by GCRA for up to CALLERS_MAX callers, together with the other replicas."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._accounts: dict[str, _Account] = {}
        self._changed: dict[str, _Account] = {}
        self._used: dict[str, int] = {}
        self._unreported: dict[str, int] = {}
        self._counted_at: dict[str, float] = {}

    def take(self, key: str, limit: Limit, now: float) -> Decision:
        """Decide on one call (`now` is Unix time) and count it."""
        account = self._accounts.get(key)
        if account is None:
            if len(self._accounts) >= CALLERS_MAX:
                self._forget(now)
            account = self._accounts[key] = _Account()
        decision = decide(account.tat, now, limit)
        if decision.admitted:
            interval = 1 / limit.per_s
            if not account.added:
                account.since = now
                self._changed[key] = account
            account.added += interval
            account.tat = decision.tat + interval * (account.others - 1)
        return decision

    def _forget(self, now: float) -> None:
        # Whose allowance is whole again is as good as unknown; when all are busy, the oldest half is.
        whole = [key for key, account in self._accounts.items() if account.tat <= now and not account.added]
        for key in whole or list(self._accounts)[: CALLERS_MAX // 2]:
            del self._accounts[key]

    def count(self, quotas: Mapping[str, int]) -> str | None:
        """Count one call against quotas, each a key that names its period; returns the first that is used up."""
        now = time.monotonic()
        for key, most in quotas.items():
            self._counted_at[key] = now
            if self._used.get(key, 0) + self._unreported.get(key, 0) >= most:
                return key
        for key in quotas:
            self._unreported[key] = self._unreported.get(key, 0) + 1
        return None

    async def run(self) -> None:
        """Report until cancelled; while the database is away each replica counts for itself."""
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            try:
                async with asyncio.timeout(REPORT_TIMEOUT_S):
                    await self.report()
            except Exception as error:  # noqa: BLE001 - whatever it is, the limits go on, counted here alone
                FAILURES.inc()
                LOCAL.set(1)
                log.warning("limits counted locally", error=type(error).__name__)

    async def report(self) -> None:
        """Tell what was admitted here since the last report, and learn what all have admitted.

        Raises:
            Exception: The database is away; nothing is forgotten, the next report tells it.
        """
        await self._report_calls()
        await self._report_quotas()
        LOCAL.set(0)

    async def _report_calls(self) -> None:
        changed = {key: (account.since, account.added) for key, account in self._changed.items()}
        if not changed:
            return
        bound = {
            "keys": list(changed),
            "sinces": [since for since, _ in changed.values()],
            "addeds": [added for _, added in changed.values()],
        }
        async with self._database.transaction() as session:
            rows = (await session.execute(_REPORT, bound)).all()
        for key, tat in rows:
            self._settle(self._changed[key], key, changed[key], tat)

    def _settle(self, account: _Account, key: str, told: tuple[float, float], tat: float) -> None:
        since, added = told
        moved = tat - max(account.told, since)
        account.others = min(OTHERS_MAX, max(1.0, moved / added))
        account.told = tat
        account.added -= added
        if account.added > added * 1e-9:  # admitted while the report was under way
            account.tat = tat + account.added * account.others
        else:
            account.added, account.tat = 0.0, tat
            del self._changed[key]

    async def _report_quotas(self) -> None:
        # What others have counted is asked for as well, for as long as the application calls.
        now = time.monotonic()
        self._counted_at = {key: at for key, at in self._counted_at.items() if now - at < QUOTA_ASKED_FOR_S}
        told = {**dict.fromkeys(self._counted_at, 0), **self._unreported}
        if not told:
            return
        async with self._database.transaction() as session:
            rows = await session.execute(_COUNT, {"keys": list(told), "useds": list(told.values())})
            self._used = {key: used for key, used in rows}  # noqa: C416 - rows are not pairs to mypy
        for key, used in told.items():
            if used and self._unreported[key] == used:
                del self._unreported[key]
            elif used:
                self._unreported[key] -= used
