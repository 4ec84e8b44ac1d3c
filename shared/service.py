"""The factory of a service's API: health, metrics, problems, one log line per request, one transaction per request."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import event_flow, problems, spans
from shared.database import Database, is_passing
from shared.drain import Drain
from shared.edition import Tagged, hold_edition
from shared.group import Overloaded
from shared.grouped_route import Groups, HotRoutes
from shared.identity import IdentityVerifier
from shared.logging import configure
from shared.settings import ServiceSettings
from shared.telemetry import REQUESTS, current_trace, enter_trace

DEADLINE_HEADER = "linli-deadline-ms"
DEADLINE_DEFAULT_S, DEADLINE_MAX_S = 10.0, 600.0
RETRY_AFTER_S = 1

log = structlog.get_logger()
health = APIRouter(include_in_schema=False)


@health.get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "live"}


@health.get("/health/ready")
async def ready(request: Request) -> Response:
    """Say that the process can do its work: its database answers, and it is not about to end."""
    database: Database = request.app.state.database
    drain: Drain = request.app.state.drain
    if drain.has_begun:
        return drain.answer()
    await database.ping()
    return JSONResponse({"status": "ready"})


@health.get("/metrics")
async def metrics() -> Response:
    """Give the process's metrics in Prometheus's text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class CanonicalLine:
    """Enters the caller's trace, keeps its deadline, and logs one line per request.

    A plain ASGI layer, because BaseHTTPMiddleware costs a task per request and breaks streaming.
    """

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, send = Headers(scope=scope), self._drain.closing(scope, send)
        enter_trace(scope["headers"])
        started, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        deadline = asyncio.timeout(deadline_s(headers))
        try:
            async with deadline:
                await self._app(scope, receive, watched)
        except Exception as error:  # whatever it is, the caller gets a problem
            if status:  # what was begun cannot be taken back: the caller sees that it breaks off
                log.exception("answer broke off")
            else:
                answer = _late() if deadline.expired() else _of_fault(error)
                await answer(scope, receive, watched)
        finally:
            self._account(scope, status, time.perf_counter() - started)

    @staticmethod
    def _account(scope: Scope, status: int, elapsed_s: float) -> None:
        route = getattr(scope.get("route"), "path", None)
        # What matches no route is the caller's invention: not for a label.
        method, route = (scope["method"], route) if route else ("other", "unmatched")
        REQUESTS.labels(method, route, status).observe(elapsed_s)
        if not route.startswith("/health") and route != "/metrics":
            log.info("request", method=method, route=route, status=status, ms=round(elapsed_s * 1000, 1))
            spans.note_call(current_trace(), method, route, status, elapsed_s)


def _late() -> Response:
    return problems.problem(
        504,
        "deadline-exceeded",
        detail="未能在期限内完成，可用同一幂等键重试。",
        detail_en="It was not done within its deadline. Try again with the same idempotency key.",
    )


def _of_fault(error: Exception) -> Response:
    if isinstance(error, PoolTimeoutError | Overloaded):
        log.warning("overloaded")
        return problems.problem(
            503,
            "overloaded",
            detail="当前请求过多，本次请求未生效；请稍后用同一幂等键重试。",
            detail_en="There are too many requests; this one was not done. Try again with the same idempotency key.",
            headers={"Retry-After": str(RETRY_AFTER_S)},
        )
    if not is_passing(error):
        return problems.of_fault(error)
    log.warning("database away", error=type(error).__name__)
    return problems.problem(
        503,
        "database-unavailable",
        # Whether it was done is not known: the connection may have been lost while it committed.
        detail="数据库暂不可用，请求可能未生效；请稍后用同一幂等键重试，不会重复生效。",
        detail_en="The database is away; the request may not have been done. Try again with the same idempotency key.",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def deadline_s(headers: Headers) -> float:
    """Return how long a request may last: what its header says, up to DEADLINE_MAX_S."""
    try:
        asked_s = float(headers.get(DEADLINE_HEADER, "")) / 1000
    except ValueError:
        return DEADLINE_DEFAULT_S
    return min(asked_s, DEADLINE_MAX_S) if math.isfinite(asked_s) and asked_s > 0 else DEADLINE_DEFAULT_S


def create_service(name: str, title: str, settings: ServiceSettings, routers: Sequence[APIRouter]) -> FastAPI:
    """Build a service's API.

    Args:
        name: The service, such as `points`; also the audience of the identity tokens it takes.
        title: What its OpenAPI is called, Chinese first.
        settings: Where its database is and whose identities it trusts.
        routers: Its slices.
    """
    configure(f"{name}-api", settings.log_level)
    spans.configure(f"{name}-api", settings.otlp_endpoint)
    database = Database(
        settings.database_url.get_secret_value(), name=f"{name}-api", pool_size=settings.database_pool_size
    )

    drain = Drain(settings.drain_s)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.groups = groups = Groups(database)
        with drain.awaited():
            yield
        await groups.drain()
        await database.close()
        await asyncio.to_thread(spans.close)

    app = FastAPI(
        title=title, version="1", lifespan=lifespan, responses=problems.MALFORMED, docs_url=None, redoc_url=None
    )
    app.state.database = database
    app.state.drain = drain
    app.state.hold_edition = hold_edition
    app.state.identity_verifier = IdentityVerifier(settings.identity_public_key, audience=name)
    app.add_middleware(HotRoutes, routes=[route for router in routers for route in router.routes])
    app.add_middleware(Tagged)
    app.add_middleware(CanonicalLine, drain=drain)
    problems.install(app)
    for router in [health, event_flow.router, *routers]:
        app.include_router(router)
    return app
