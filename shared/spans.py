"""Spans of what a process did, exported by OTLP over HTTP in batches of their own thread; none without a collector.

The trace context is ours (`shared.telemetry`), whether or not anybody collects; a span is made once, when its work is
done. OpenTelemetry is loaded only where it is used. What does not fit its queue is dropped: work never waits for spans.
"""

import time
from typing import Any, Literal

from shared.masking import scrub, scrubbed
from shared.telemetry import Trace

SEND_EVERY_MS = 1_000
SEND_TIMEOUT_S = 1.5
BATCH = 1024
"""With a queue of two batches, a collector that is away delays the end of a process by twice the timeout."""
SERVER_ERROR = 500


class Exporter:
    """Sends spans to one collector.

    Args:
        process: The name of the process, such as `points-api`.
        endpoint: The collector's URL for traces, such as `http://collector:4318/v1/traces`.
    """

    def __init__(self, process: str, endpoint: str) -> None:
        from opentelemetry import trace  # noqa: PLC0415 - loaded only where somebody collects
        from opentelemetry.exporter.otlp.proto.http import trace_exporter  # noqa: PLC0415 - the same
        from opentelemetry.sdk import resources  # noqa: PLC0415 - the same
        from opentelemetry.sdk import trace as sdk  # noqa: PLC0415 - the same
        from opentelemetry.sdk.trace import export  # noqa: PLC0415 - the same

        self._api, self._sdk = trace, sdk
        self._resource = resources.Resource({"service.namespace": "linli", "service.name": process})
        exporter = trace_exporter.OTLPSpanExporter(endpoint=endpoint, timeout=SEND_TIMEOUT_S)
        self._batches = export.BatchSpanProcessor(
            exporter, max_queue_size=2 * BATCH, max_export_batch_size=BATCH, schedule_delay_millis=SEND_EVERY_MS
        )

    def note(
        self,
        trace: Trace,
        name: str,
        kind: Literal["SERVER", "CONSUMER"],
        elapsed_s: float,
        attributes: dict[str, str | int],
        *,
        failed: bool,
    ) -> None:
        """Note work that is done now; one whose caller does not sample it is not sent.

        Args:
            trace: Where it stands.
            name: Of few kinds, such as `GET /v1/points/accounts/me`: never with an id.
            kind: Of OpenTelemetry.
            elapsed_s: How long it took.
            attributes: Facts, named as OpenTelemetry names them; nothing personal.
            failed: Whether it is a fault of ours.
        """
        ended_ns = time.time_ns()
        code = self._api.StatusCode.ERROR if failed else self._api.StatusCode.UNSET
        span = self._sdk.ReadableSpan(
            name,
            context=self._context(trace, trace.span_id),
            parent=self._context(trace, trace.parent_id) if trace.parent_id else None,
            resource=self._resource,
            attributes=scrubbed(attributes),
            kind=self._api.SpanKind[kind],
            status=self._api.Status(code),
            start_time=ended_ns - int(elapsed_s * 1e9),
            end_time=ended_ns,
        )
        self._batches.on_end(span)

    def _context(self, trace: Trace, span_id: str) -> Any:  # noqa: ANN401 - a SpanContext, which is loaded late
        return self._api.SpanContext(
            int(trace.trace_id, 16),
            int(span_id, 16),
            is_remote=span_id == trace.parent_id,
            trace_flags=self._api.TraceFlags(int(trace.flags, 16)),
            trace_state=self._api.TraceState.from_header([scrub(trace.state)] if trace.state else []),
        )

    def close(self) -> None:
        """Send what is left."""
        self._batches.shutdown()  # type: ignore[no-untyped-call]


_exporter: Exporter | None = None


def configure(process: str, endpoint: str | None) -> None:
    """Set up this process's spans: sent to an endpoint, or none."""
    global _exporter  # noqa: PLW0603 - as of logs and metrics, a process has one
    _exporter = Exporter(process, endpoint) if endpoint else None


def note_call(trace: Trace, method: str, route: str, status: int, elapsed_s: float, **facts: str) -> None:
    """Note that a call was answered.

    Args:
        trace: Where it stands.
        method: Of HTTP.
        route: The template of its path.
        status: Of the answer.
        elapsed_s: How long it took.
        facts: More attributes.
    """
    if _exporter:
        known: dict[str, str | int] = {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
        }
        failed = status >= SERVER_ERROR
        _exporter.note(trace, f"{method} {route}", "SERVER", elapsed_s, {**known, **facts}, failed=failed)


def note_event(trace: Trace, kind: str, elapsed_s: float) -> None:
    """Note that an event was taken in, by its type and how long it and those taken in with it took."""
    if _exporter:
        known: dict[str, str | int] = {"messaging.operation.type": "process", "cloudevents.event_type": kind}
        _exporter.note(trace, f"process {kind}", "CONSUMER", elapsed_s, known, failed=False)


def close() -> None:
    """Send what is left; the process ends."""
    if _exporter:
        _exporter.close()
