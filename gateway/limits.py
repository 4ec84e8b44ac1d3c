"""How often a caller may call: the generic cell rate algorithm (GCRA), one number per caller and limit class.

The number is the theoretical arrival time (TAT): when the caller's allowance will be whole again. A call is admitted
while the TAT is at most `burst` intervals ahead of now, and moves it one interval on.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.refusals import TooManyCalls
from shared.errors import Refusal

CALLERS_MAX = 65_536
APPLICATION_SHARE = 25
"""An application calls for many people: it may do this many times what one person may."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate with a burst.

    Attributes:
        name: As the RateLimit headers show it.
        per_s: Calls a second in the long run.
        burst: Calls at once after a rest.
    """

    name: str
    per_s: float
    burst: int


PERSON_LIMITS = {
    "read": Limit("read", 20, 60),
    "write": Limit("write", 10, 40),
    "administer": Limit("administer", 50, 500),
    "ingest": Limit("ingest", 20, 60),
    "audit": Limit("audit", 0.1, 10),
}
APPLICATION_LIMITS = {
    name: Limit(name, limit.per_s * APPLICATION_SHARE, limit.burst * APPLICATION_SHARE)
    for name, limit in PERSON_LIMITS.items()
}

ADDRESS = Limit("address", 2_000, 10_000)
"""A backend may call for a whole district from one address; a flood does not pass. `limit/address` changes it."""
GRABBING = {
    operation: Limit("grab", 2, 20)
    for operation in (
        "POST /v1/scenarios/bookings",
        "POST /v1/scenarios/activities/{activity_id}/sign-ups",
        "POST /v1/points/quotes",
        "POST /v1/points/redemptions",
        "POST /v1/points/crossings",
    )
}
"""Where a program would be faster than people: no person does these more often."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a call is admitted.

    Attributes:
        admitted: Whether it is.
        tat: The caller's new theoretical arrival time, in seconds of the same clock as `now`.
        remaining: How many more calls would be admitted at once.
        retry_after_s: How long until one is admitted; 0 when this one was.
        reset_s: How long until the allowance is whole again.
    """

    admitted: bool
    tat: float
    remaining: int
    retry_after_s: float
    reset_s: float


def decide(tat: float, now: float, limit: Limit) -> Decision:
    """Decide on one call of a caller whose theoretical arrival time is `tat` (both in seconds)."""
    interval = 1 / limit.per_s
    window = interval * limit.burst
    moved = max(tat, now) + interval
    # A billionth of a second forgives the rounding of floats: without it the last call of a burst is sometimes lost.
    if moved - now > window + 1e-9:
        return Decision(
            admitted=False, tat=tat, remaining=0, retry_after_s=moved - now - window, reset_s=max(0.0, tat - now)
        )
    remaining = int((window - (moved - now)) / interval + 1e-6)
    return Decision(admitted=True, tat=moved, remaining=remaining, retry_after_s=0.0, reset_s=moved - now)


class Limiter:
    """Remembers the theoretical arrival times of up to CALLERS_MAX callers in this process."""

    def __init__(self, callers_max: int = CALLERS_MAX) -> None:
        self._callers_max = callers_max
        self._tats: OrderedDict[tuple[str, ...], float] = OrderedDict()

    def take(self, caller: tuple[str, ...], limit: Limit, now: float) -> Decision:
        """Decide on one call of this caller and remember it."""
        key = (limit.name, *caller)
        decision = decide(self._tats.get(key, 0.0), now, limit)
        if decision.admitted:
            self._tats[key] = decision.tat
            self._tats.move_to_end(key)
            if len(self._tats) > self._callers_max:
                self._tats.popitem(last=False)
        return decision

    def look(self, caller: tuple[str, ...], limit: Limit, now: float) -> Decision:
        """Decide on one call as `take` does, but do not count it."""
        return decide(self._tats.get((limit.name, *caller), 0.0), now, limit)


class Patience:
    """Bears a number of failures of each caller, and then none for a while."""

    def __init__(self) -> None:
        self._failures = Limiter()

    @contextmanager
    def with_failures(self, counted: Sequence[tuple[tuple[str, ...], Limit]]) -> Iterator[None]:
        """Refuse who has failed too often; a block that is refused counts.

        Args:
            counted: By what failures are counted, each with its limit.

        Raises:
            TooManyCalls: There were too many.
        """
        now = time.monotonic()
        looked = [self._failures.look(caller, limit, now) for caller, limit in counted]
        if not all(decision.admitted for decision in looked):
            raise TooManyCalls(retry_after_s=math.ceil(max(decision.retry_after_s for decision in looked)))
        try:
            yield
        except Refusal:
            for caller, limit in counted:
                self._failures.take(caller, limit, now)
            raise


def headers(limit: Limit, decision: Decision) -> list[tuple[bytes, bytes]]:
    """Return RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers)."""
    window_s = math.ceil(limit.burst / limit.per_s)
    return [
        (b"ratelimit-policy", b'"%s";q=%d;w=%d' % (limit.name.encode(), limit.burst, window_s)),
        (b"ratelimit", b'"%s";r=%d;t=%d' % (limit.name.encode(), decision.remaining, math.ceil(decision.reset_s))),
    ]
