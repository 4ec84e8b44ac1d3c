"""The gateway as uvicorn runs it: its own few endpoints in FastAPI, everything under /v1/ through the proxy."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from prometheus_client import start_http_server
from starlette.types import Receive, Scope, Send

from gateway import catalogue, conformance, endpoints, own_data, sandbox
from gateway.admission import Admission
from gateway.audit import Audit
from gateway.authentication import Authenticator
from gateway.consent import Consents
from gateway.description import Description
from gateway.disclosure import Discloser
from gateway.issuers import RemoteKeys
from gateway.login import LogIn
from gateway.nonces import Nonces
from gateway.onward import IdentityTokens
from gateway.portal import api as portal
from gateway.portal.session import Portal
from gateway.proxy import Proxy
from gateway.readiness import Readiness
from gateway.routes import PREFIX, ROUTES, RouteTable
from gateway.seals import Sealer
from gateway.settings import GatewaySettings
from gateway.shared_limits import SharedLimiter
from gateway.sign_on import api as sign_on
from gateway.sign_on import devices
from gateway.snapshot import Configuration
from gateway.tokens import Issuer, TokenVerifier
from gateway.upstream import Upstream
from shared import problems, spans
from shared.database import Database
from shared.drain import Drain
from shared.identity import IdentitySigner
from shared.logging import configure
from shared.telemetry import enter_trace


class Gateway:
    """Parts the calls: the proxy's path carries no framework."""

    def __init__(self, proxy: Proxy, own: FastAPI, drain: Drain) -> None:
        self._proxy = proxy
        self._own = own
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call, or the life of the process."""
        if scope["type"] == "http":
            enter_trace(scope["headers"])
            send = self._drain.closing(scope, send)
            if scope["path"].startswith(PREFIX):
                await self._proxy(scope, receive, send)
                return
        await self._own(scope, receive, send)


@dataclass(frozen=True)
class Parts:
    """What the gateway is made of, and closed with.

    Attributes:
        settings: Read once.
        configuration: What is in force.
        database: The gateway's own.
        upstream: The services.
        description: What they say of themselves.
        audit: Where calls are written down.
        http: For sign-on and issuers' keys.
        issuer: The local one.
        limiter: Counts calls together with the other replicas.
        drain: How this process leaves.
    """

    settings: GatewaySettings
    configuration: Configuration
    database: Database
    upstream: Upstream
    description: Description
    audit: Audit
    http: httpx.AsyncClient
    issuer: Issuer
    limiter: SharedLimiter
    drain: Drain

    @asynccontextmanager
    async def alive(self, _: FastAPI) -> AsyncIterator[None]:
        """Follow what is in force while the process lives."""
        await self.configuration.try_to_look()
        stop_metrics = self._serve_metrics()
        sealer = Sealer(self.audit, self.settings.token_private_key.get_secret_value(), self.database)
        running = (
            self.configuration.follow(),
            self.description.follow(),
            self.upstream.follow(),
            self.limiter.run(),
            sealer.run(),
        )
        loops = [asyncio.create_task(loop) for loop in running]
        with self.drain.awaited():
            yield
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        stop_metrics()
        await self.database.close()
        await self.upstream.close()
        await self.http.aclose()
        self.audit.close()
        await asyncio.to_thread(spans.close)

    def _serve_metrics(self) -> Callable[[], None]:
        """Serve the metrics at an address of their own; returns what stops it."""
        if self.settings.metrics_address is None:
            return lambda: None
        host, _, port = self.settings.metrics_address.rpartition(":")
        server, _ = start_http_server(int(port), host)
        return server.shutdown


def _parts(settings: GatewaySettings, known: sandbox.Sandbox) -> Parts:
    database = Database(settings.database_url.get_secret_value(), name="gateway", pool_size=settings.database_pool_size)
    key = bytes.fromhex(settings.registry_key.get_secret_value())
    audit = Audit(settings.audit_dir)
    upstream = Upstream(settings.services)
    return Parts(
        settings,
        Configuration(database, key, known.applications, audit),
        database,
        upstream,
        Description(upstream, ROUTES, settings.public_url),
        audit,
        httpx.AsyncClient(follow_redirects=False, trust_env=False),
        Issuer(settings.public_url, settings.token_private_key.get_secret_value()),
        SharedLimiter(database),
        Drain(settings.drain_s),
    )


def _own(parts: Parts, known: sandbox.Sandbox, tokens: TokenVerifier) -> FastAPI:
    """Build what the gateway answers itself."""
    settings = parts.settings
    own = FastAPI(
        title="邻里 Linli", version="1", lifespan=parts.alive, openapi_url=None, docs_url=None, redoc_url=None
    )
    own.state.audit = parts.audit
    own.state.issuer = parts.issuer
    own.state.log_in = LogIn(known.users, parts.issuer) if settings.sandbox else None
    own.state.description = parts.description
    own.state.sign_on = sign_on.SignOn(settings, parts.http, parts.issuer, parts.configuration)
    key = bytes.fromhex(settings.registry_key.get_secret_value())
    own.state.device_sign_on = devices.DeviceSignOn(parts.database, key, parts.issuer)
    own.state.drain = parts.drain
    own.state.readiness = Readiness(parts.upstream, parts.description, parts.configuration)
    own.state.portal = Portal(parts.database, tokens, known, bytes.fromhex(settings.registry_key.get_secret_value()))
    problems.install(own)
    own.include_router(endpoints.router)
    own.include_router(sign_on.router)
    own.include_router(devices.router)
    own.include_router(catalogue.router)
    own.include_router(conformance.router)
    own.include_router(portal.router)
    own.include_router(own_data.router)
    return own


def create_app() -> Gateway:
    """Build the gateway from its settings."""
    settings = GatewaySettings()
    configure("gateway", settings.log_level)
    spans.configure("gateway", settings.otlp_endpoint)
    known = sandbox.load(settings.sandbox)
    parts = _parts(settings, known)
    trusted = [RemoteKeys(each, parts.http) for each in settings.issuers]
    tokens = TokenVerifier(parts.issuer, trusted)
    proxy = Proxy(
        routes=RouteTable(ROUTES),
        authenticator=Authenticator(tokens),
        configuration=parts.configuration,
        nonces=Nonces(parts.database),
        consents=Consents(parts.database),
        admission=Admission(parts.limiter),
        identities=IdentityTokens(IdentitySigner(settings.identity_private_key.get_secret_value())),
        upstream=parts.upstream,
        description=parts.description,
        discloser=Discloser(bytes.fromhex(settings.registry_key.get_secret_value()), parts.audit),
        audit=parts.audit,
    )
    own = _own(parts, known, tokens)
    own.state.proxy = proxy
    return Gateway(proxy, own, parts.drain)
