"""What keeps a service that fails or is slow from taking the gateway with it.

A breaker per operation opens when most of its latest calls failed, and lets one call through now and then to see. A
retry is for reads, and under a budget. When calls pile up, batch traffic is refused before residents are.
"""

from collections import deque
from dataclasses import dataclass, field

from prometheus_client import Counter, Gauge

from gateway.outages import Overloaded, ServiceAway

WINDOW_CALLS = 20
FAILED_SHARE_MAX = 0.5
OPEN_S = 2.0
RETRY_SHARE = 0.1
RETRIES_SAVED_MAX = 10.0
IN_FLIGHT_MAX = 512
"""Calls under way in one process. Batch traffic is refused at half, other applications and staff at three quarters."""
OPEN = Gauge("linli_gateway_breakers_open", "Operations that are not sent on because their service fails", ["service"])
SHED = Counter("linli_gateway_shed_total", "Calls refused because too many were under way", ["class_"])


@dataclass(slots=True)
class Breaker:
    """One operation's latest outcomes.

    Attributes:
        outcomes: Whether each failed; the newest last.
        open_until: While it is open, when one call may try, on a monotonic clock in seconds; 0 while it is closed.
    """

    outcomes: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW_CALLS))
    open_until: float = 0.0

    def admits(self, now: float) -> bool:
        """Tell whether a call may go; of those that come while it is open, one at a time is let through to see."""
        if not self.open_until:
            return True
        if now < self.open_until:
            return False
        self.open_until = now + OPEN_S
        return True

    def note(self, now: float, *, failed: bool) -> None:
        """Take in how a call went."""
        if not failed and self.open_until:
            self.open_until = 0.0
            self.outcomes.clear()
        self.outcomes.append(failed)
        if failed and len(self.outcomes) == WINDOW_CALLS and sum(self.outcomes) > WINDOW_CALLS * FAILED_SHARE_MAX:
            self.open_until = now + OPEN_S


class Breakers:
    """A breaker per operation."""

    def __init__(self) -> None:
        self._breakers: dict[str, Breaker] = {}

    def check(self, service: str, operation: str, now: float) -> None:
        """Refuse a call to an operation whose service fails.

        Raises:
            ServiceAway: It is not asked for now.
        """
        breaker = self._breakers.get(operation)
        if breaker and not breaker.admits(now):
            raise ServiceAway(service=service)

    def note(self, service: str, operation: str, now: float, *, failed: bool) -> None:
        """Take in how a call went; a refusal by the service is no failure."""
        breaker = self._breakers.get(operation)
        if breaker is None:
            breaker = self._breakers[operation] = Breaker()
        was_open = bool(breaker.open_until)
        breaker.note(now, failed=failed)
        if was_open != bool(breaker.open_until):
            OPEN.labels(service).inc(-1 if was_open else 1)


class RetryBudget:
    """Lets at most RETRY_SHARE of all calls be sent again, so that retries do not double the load of a sick service."""

    def __init__(self) -> None:
        self._saved = RETRIES_SAVED_MAX

    def earn(self) -> None:
        """Take in that a call was sent."""
        self._saved = min(RETRIES_SAVED_MAX, self._saved + RETRY_SHARE)

    def spend(self) -> bool:
        """Tell whether one may be sent again."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True


SHARES = {"batch": 0.5, "staff": 0.75, "resident": 1.0}
"""How full the gateway may be for whom to be let in."""


class Crowd:
    """Counts the calls under way.

    Attributes:
        size: How many there are.
    """

    def __init__(self) -> None:
        self.size = 0

    def check(self, who: str) -> None:
        """Refuse when there are too many for this class of caller.

        Raises:
            Overloaded: There are.
        """
        if self.size >= IN_FLIGHT_MAX * SHARES[who]:
            SHED.labels(who).inc()
            raise Overloaded
