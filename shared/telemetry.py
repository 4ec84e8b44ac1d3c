"""Trace context (W3C) of the work in hand, and the process's metrics.

Labels of metrics come from what the platform itself names, never from a caller: their number is bounded.
"""

import re
import secrets
from collections.abc import Iterable
from contextvars import ContextVar
from typing import NamedTuple

from prometheus_client import Counter, Gauge, Histogram

# Of a later version (not ff) the first four fields are read, and nothing but a dash may follow them.
_TRACEPARENT = re.compile(
    r"(?!ff)(?:00|(?P<later>(?!00)[0-9a-f]{2}))-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<parent>(?!0{16})[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?(later)(?:-.*)?)"
)
_STATE_KEY = r"(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})"
_STATE_MEMBER = re.compile(rf"({_STATE_KEY})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{{0,255}}[\x21-\x2b\x2d-\x3c\x3e-\x7e]")
_STATE_MEMBERS_MAX = 32
_FLAGS_KNOWN = 0b11
"""Sampled, and that the trace id is random; what a later version may mean by others is not ours to pass on."""
_OWS = " \t"

REQUESTS = Histogram("linli_http_request_seconds", "Time to answer", ["method", "route", "status"])
MESSAGES = Counter("linli_consumer_messages_total", "Messages by what became of them", ["consumer", "outcome"])
LAG = Gauge("linli_consumer_lag_events", "Events not yet consumed", ["consumer", "topic"])
LAG_AGE = Gauge("linli_consumer_lag_seconds", "Age of the oldest event not yet consumed", ["consumer", "topic"])
RELAY_LAG = Gauge("linli_relay_lag_events", "Events committed and not yet shipped to the log", ["topic"])
RELAY_AGE = Gauge("linli_relay_lag_seconds", "Age of the oldest event not yet shipped", ["topic"])
DEAD_LETTERS = Gauge("linli_dead_letters", "Dead letters that wait for a replay", ["consumer"])


class Trace(NamedTuple):
    """Where the work in hand stands in a trace: ids in hexadecimal, and what tracing systems before us pass on."""

    trace_id: str
    span_id: str
    parent_id: str = ""
    flags: str = "01"
    state: str = ""

    @property
    def traceparent(self) -> str:
        """The header that passes the trace on."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


_current: ContextVar[Trace] = ContextVar("trace")


def enter_trace(headers: Iterable[tuple[bytes, bytes]]) -> Trace:
    """Enter the trace that a call's headers tell of, or start one; a traceparent that is there twice is none."""
    parents, states = [], []
    for name, value in headers:
        if name == b"traceparent":
            parents.append(value)
        elif name == b"tracestate":
            states.append(value)
    parent = parents[0].decode("latin-1") if len(parents) == 1 else None
    return continue_trace(parent, b",".join(states).decode("latin-1"))


def continue_trace(traceparent: str | None, tracestate: str = "") -> Trace:
    """Enter the caller's trace with a span of our own, or start one.

    Args:
        traceparent: The caller's, if it sent exactly one.
        tracestate: The caller's, all its headers joined by commas; it goes with a good traceparent only.
    """
    match = _TRACEPARENT.fullmatch((traceparent or "").strip(_OWS))
    if not match:
        return _begin_trace()
    flags = f"{int(match['flags'], 16) & _FLAGS_KNOWN:02x}"
    entered = Trace(match["trace"], secrets.token_hex(8), match["parent"], flags, _state(tracestate))
    _current.set(entered)
    return entered


def _state(text: str) -> str:
    """Return the list of members, or nothing if one of them is malformed, or comes twice, or they are too many."""
    members = [stripped for member in text.split(",") if (stripped := member.strip(_OWS))]
    keys = {match[1] for member in members if (match := _STATE_MEMBER.fullmatch(member))}
    return ",".join(members) if len(keys) == len(members) <= _STATE_MEMBERS_MAX else ""


def _begin_trace() -> Trace:
    drawn = secrets.token_hex(24)
    begun = Trace(drawn[:32], drawn[32:])
    _current.set(begun)
    return begun


def resume_trace(trace: Trace) -> None:
    """Enter a trace again, with the span that was made for it."""
    _current.set(trace)


def current_trace() -> Trace:
    """Return the trace of the work in hand, starting one if there is none."""
    return _current.get(None) or _begin_trace()


def traceparent() -> str:
    """Return the traceparent of the work in hand, starting a trace if there is none."""
    return current_trace().traceparent


def trace_id() -> str:
    """Return the 32 hex digits of the trace in hand."""
    return current_trace().trace_id
