"""Spans leave by OTLP over HTTP, in protobuf, and a collector that is away holds nobody up."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from asgi_lifespan import LifespanManager
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.console.worker import create_app as create_worker
from shared import spans
from shared.database import Database
from shared.events.operations import ProviderListed
from shared.outbox import publish
from shared.telemetry import continue_trace, current_trace
from tests.gateway.knock import StartGateway, Upstream, served
from tests.ground import MakeDatabase, StartApi, identity
from tests.scan import RUN

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = f"00-{TRACE}-{PARENT}-01"
ME = "/v1/points/accounts/me"


@dataclass
class Collector:
    """Takes spans as a collector does, and keeps them with the name of the process that they are of."""

    spans: list[tuple[str, Span]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        assert (request.url.path, request.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
        for resource in ExportTraceServiceRequest.FromString(await request.body()).resource_spans:
            process = {each.key: each.value.string_value for each in resource.resource.attributes}["service.name"]
            told = [span for scoped in resource.scope_spans for span in scoped.spans]
            self.spans += [(process, span) for span in told]
            for span in told:
                RUN.look("trace", span.name, str(span))
        await Response(b"", media_type="application/x-protobuf")(scope, receive, send)


@asynccontextmanager
async def collecting(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Collector]:
    """Run a collector that the processes of the block send to."""
    collector = Collector()
    async with served(collector) as url:
        monkeypatch.setenv("LINLI_OTLP_ENDPOINT", f"{url}/v1/traces")
        yield collector
        await asyncio.to_thread(spans.close)
        spans.configure("", None)


def _facts(span: Span) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


@pytest.mark.proves("G20")
async def test_a_call_at_the_gateway_is_a_span_in_its_callers_trace(
    start_gateway: StartGateway, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with collecting(monkeypatch) as collector, served(upstream) as url:
        door = await start_gateway({"points": url})
        headers = {**door.bearer(), "traceparent": SAMPLED, "tracestate": "foo=1"}
        assert (await door.http.get(ME, headers=headers)).status_code == 200
        passed = upstream.seen[-1].headers["traceparent"]
        unsampled = {**door.bearer(), "traceparent": SAMPLED[:-1] + "0"}
        assert (await door.http.get(ME, headers=unsampled)).status_code == 200
        assert (await door.http.get("/v1/nowhere/13777777777")).status_code == 404
        with pytest.raises(httpx.RemoteProtocolError):
            await door.http.get(f"{ME}?do=cut", headers=door.bearer())
    (process, span), nowhere, broken = collector.spans
    assert (process, span.name, span.kind) == ("gateway", f"GET {ME}", Span.SPAN_KIND_SERVER)
    assert (span.trace_id.hex(), span.parent_span_id.hex(), span.trace_state) == (TRACE, PARENT, "foo=1")
    assert passed == f"00-{TRACE}-{span.span_id.hex()}-01"
    assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 60e9
    assert abs(span.end_time_unix_nano - time.time_ns()) < 60e9
    assert _facts(span) == {
        "http.request.method": "GET",
        "http.route": ME,
        "http.response.status_code": 200,
        "linli.outcome": "answered",
    }
    assert (nowhere[1].name, nowhere[1].status.code) == ("other unmatched", Status.STATUS_CODE_UNSET)
    assert (nowhere[1].parent_span_id, _facts(broken[1])["linli.outcome"]) == (b"", "service-broke")
    assert broken[1].status.code == Status.STATUS_CODE_ERROR


@pytest.mark.proves("G9")
async def test_the_number_of_a_person_that_slips_into_a_span_leaves_masked(
    start_gateway: StartGateway, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with collecting(monkeypatch) as collector, served(upstream) as url:
        door = await start_gateway({"points": url})
        headers = {**door.bearer(), "traceparent": SAMPLED, "tracestate": "foo=13712349050"}
        assert (await door.http.get(ME, headers=headers)).status_code == 200
        spans.note_call(current_trace(), "GET", ME, 200, 0.1, who="11010519491231002X")
    [(_, first), (_, second)] = collector.spans
    assert (first.trace_state, _facts(second)["who"]) == ("foo=137****9050", "1****************X")


async def test_a_call_of_a_service_is_a_span_and_its_health_is_none(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with collecting(monkeypatch) as collector:
        api = await start_api("operations")
        who = identity("official:1", ("official", "330102"))
        await api.http.get("/health/ready")
        await api.http.get("/event-flow", headers={**api.headers(who), "traceparent": SAMPLED})
    [(process, span)] = collector.spans
    assert (process, span.name) == ("operations-api", "GET /event-flow")
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)


async def test_an_event_is_taken_in_within_the_trace_of_what_it_tells(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations, own = await make_database("operations"), await make_database("gateway")
    monkeypatch.setenv("LINLI_DATABASE_URL", own.app)
    monkeypatch.setenv("LINLI_REGISTRY_KEY", "0" * 32)
    topics = {"operations": operations, **{name: await make_database(name) for name in ("points", "scenarios")}}
    monkeypatch.setenv("LINLI_LOG_DATABASES", json.dumps({name: each.reader for name, each in topics.items()}))
    told = Database(operations.app, name="operations")
    event = ProviderListed(community_code="330102001051", provider_id=uuid.uuid4(), kind="merchant", name="便利店")
    async with collecting(monkeypatch) as collector:
        async with LifespanManager(create_worker(), startup_timeout=30, shutdown_timeout=30):
            publishing = continue_trace(SAMPLED)
            async with told.transaction() as session:
                await publish(session, event)
            async with asyncio.timeout(30):
                while not collector.spans:  # noqa: ASYNC110 - it comes over a socket
                    await asyncio.sleep(0.05)
        await told.close()
    [(process, span)] = collector.spans
    assert (process, span.name, span.kind) == ("gateway-worker", f"process {event.type}", Span.SPAN_KIND_CONSUMER)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, publishing.span_id)


async def test_a_collector_that_is_away_holds_nobody_up() -> None:
    spans.configure("test", "http://127.0.0.1:9/v1/traces")
    for _ in range(10_000):
        spans.note_call(continue_trace(None), "GET", "/a", 200, 0.1)
    async with asyncio.timeout(30):
        await asyncio.to_thread(spans.close)
    spans.configure("", None)
