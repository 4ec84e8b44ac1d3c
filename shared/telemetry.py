"""Trace context (W3C) of the work in hand, and the process's metrics."""

import re
import secrets
from contextvars import ContextVar

from prometheus_client import Counter, Gauge, Histogram

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")
_current: ContextVar[str] = ContextVar("traceparent")

REQUESTS = Histogram("linli_http_request_seconds", "Time to answer", ["method", "route", "status"])
MESSAGES = Counter("linli_consumer_messages_total", "Messages by what became of them", ["consumer", "outcome"])
LAG = Gauge("linli_consumer_lag_events", "Events not yet consumed", ["consumer", "topic"])
LAG_AGE = Gauge("linli_consumer_lag_seconds", "Age of the oldest event not yet consumed", ["consumer", "topic"])
RELAY_LAG = Gauge("linli_relay_lag_events", "Events committed and not yet shipped to the log", ["topic"])
RELAY_AGE = Gauge("linli_relay_lag_seconds", "Age of the oldest event not yet shipped", ["topic"])
DEAD_LETTERS = Gauge("linli_dead_letters", "Dead letters that wait for a replay", ["consumer"])


def continue_trace(traceparent: str | None) -> str:
    """Enter the caller's trace with a span of our own, or start one; returns the traceparent to pass on."""
    match = _TRACEPARENT.match(traceparent or "")
    trace, flags = (match[1], match[3]) if match and set(match[1]) != {"0"} else (secrets.token_hex(16), "01")
    entered = f"00-{trace}-{secrets.token_hex(8)}-{flags}"
    _current.set(entered)
    return entered


def traceparent() -> str:
    """Return the traceparent of the work in hand, starting a trace if there is none."""
    return _current.get(None) or continue_trace(None)


def trace_id() -> str:
    """Return the 32 hex digits of the trace in hand."""
    return traceparent().split("-")[1]
