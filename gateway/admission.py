"""How often a caller may call: by its class, its address, the operation, and an application's quotas."""

import math
from datetime import datetime, timedelta

from gateway import limits
from gateway.authentication import Caller
from gateway.breakers import Crowd
from gateway.limits import ADDRESS, APPLICATION_LIMITS, PERSON_LIMITS, Limit
from gateway.refusals import QuotaUsedUp, TooManyCalls
from gateway.routes import RESIDENT, Route
from gateway.shared_limits import SharedLimiter
from gateway.snapshot import Known, Snapshot
from shared.clock import CHINA

HeaderList = list[tuple[bytes, bytes]]
UNLIMITED = 2**63 - 1
"""Calls are counted where there is no quota too: developers see their usage."""
BATCH = frozenset({"ingest", "administer"})


class Limited(TooManyCalls):
    """Too many calls, with the headers that show the limit."""

    def __init__(self, shown: HeaderList, *, retry_after_s: int) -> None:
        super().__init__(retry_after_s=retry_after_s)
        self.shown = shown


class Admission:
    """Counts calls and refuses those beyond a limit."""

    def __init__(self, limiter: SharedLimiter) -> None:
        self._limiter = limiter
        self.crowd = Crowd()

    def admit(self, caller: Caller, route: Route, address: str | None, snapshot: Snapshot, now: datetime) -> HeaderList:
        """Let a call in; returns the headers that show what is left of its class.

        Raises:
            Overloaded: Too many calls are under way.
            Limited: The caller does this too often.
            QuotaUsedUp: The application's day or month is used up.
        """
        self.crowd.check(_standing(caller, route))
        classes = APPLICATION_LIMITS if caller.application else PERSON_LIMITS
        subject, unix = caller.identity.subject, now.timestamp()
        if address:
            self._take(f"address {address}", snapshot.limits.get("address", ADDRESS), unix)
        if route.operation in snapshot.limits:
            self._take(f"{route.operation} {subject}", snapshot.limits[route.operation], unix)
        limit = classes[route.limit]
        shown = self._take(f"{limit.name} {subject}", limit, unix)
        if caller.application:
            self._count(caller.application, now)
        return shown

    def _take(self, key: str, limit: Limit, now: float) -> HeaderList:
        decision = self._limiter.take(key, limit, now)
        shown = limits.headers(limit, decision)
        if not decision.admitted:
            raise Limited(shown, retry_after_s=max(1, math.ceil(decision.retry_after_s)))
        return shown

    def _count(self, application: Known, now: datetime) -> None:
        civil = now.astimezone(CHINA)
        periods = {
            f"{application.name} {civil:%Y-%m-%d}": (application.calls_per_day_max or UNLIMITED, _next_day(civil)),
            f"{application.name} {civil:%Y-%m}": (application.calls_per_month_max or UNLIMITED, _next_month(civil)),
        }
        used_up = self._limiter.count({key: most for key, (most, _) in periods.items()})
        if used_up:
            wait_s = math.ceil((periods[used_up][1] - civil).total_seconds())
            raise QuotaUsedUp(retry_after_s=wait_s, quota=periods[used_up][0])


def _next_day(civil: datetime) -> datetime:
    return civil.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _next_month(civil: datetime) -> datetime:
    return _next_day((civil.replace(day=1) + timedelta(days=31)).replace(day=1)) - timedelta(days=1)


def _standing(caller: Caller, route: Route) -> str:
    if route.limit in BATCH:
        return "batch"
    return "resident" if any(held.role == RESIDENT for held in caller.identity.roles) else "staff"
