"""One call on its way through the gateway, and its record at the end."""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from gateway.audit import PATH_SHOWN_MAX, Audit, Record
from gateway.authentication import Caller
from gateway.departure import Departure
from gateway.routes import Route
from shared import spans
from shared.identity import Identity
from shared.masking import scrub
from shared.telemetry import REQUESTS, current_trace

CALLER_GONE = 499
"""nginx's own: the caller left before its answer."""
GATEWAY_STOPPED = 503


class Call:
    """What is known of a call so far.

    Attributes:
        trace: The trace in hand, with the gateway's own span.
        headers: By name, once they are known to be in order.
        caller: Once it has shown who it is.
        identity: Who it is for this operation, once it is authorized.
        route: Once it is found.
        departure: Notices that the caller has gone, once the call goes on.
        veil: What masks the answer, where not all of it is for the caller to see.
        residents: Whom an application names that may not go without their consent.
        head_sent: Whether the answer has begun, so that no other can be given.
    """

    def __init__(self, scope: dict[str, Any]) -> None:
        self._scope = scope
        self._started = time.perf_counter()
        self._recorded = False
        self.trace = current_trace()
        self.headers: Mapping[bytes, bytes] = {}
        self.caller: Caller | None = None
        self.identity: Identity | None = None
        self.route: Route | None = None
        self.departure: Departure | None = None
        self.veil: Callable[[bytes], bytes] | None = None
        self.residents: frozenset[uuid.UUID] = frozenset()
        self.head_sent = False

    @property
    def elapsed_s(self) -> float:
        """How long the call has taken so far."""
        return time.perf_counter() - self._started

    def record(self, audit: Audit, status: int, outcome: str) -> None:
        """Write the call down, once, before the last byte of its answer leaves."""
        if self._recorded:
            return
        self._recorded = True
        elapsed_s, about = self.elapsed_s, self.about()
        audit.append(Record(**about, status=status, outcome=outcome, ms=round(elapsed_s * 1000, 2)))
        # The method and path of a call that matches no route are the caller's invention: not for a metric's label.
        method, template = (about["method"], about["route"]) if about["route"] else ("other", "unmatched")
        REQUESTS.labels(method, template, status).observe(elapsed_s)
        spans.note_call(self.trace, method, template, status, elapsed_s, **{"linli.outcome": outcome})

    def about(self) -> dict[str, Any]:
        """Return who asks for what, and from where, as it is written down."""
        client = self._scope.get("client")
        return {
            "trace_id": self.trace.trace_id,
            "subject": self.caller.identity.subject if self.caller else None,
            "credential": self.caller.credential if self.caller else None,
            "method": self._scope["method"],
            "route": self.route.template if self.route else None,
            "path": scrub(unquote(self._scope["raw_path"][:PATH_SHOWN_MAX])),
            "address": client[0] if client else None,
        }
