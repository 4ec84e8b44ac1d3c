"""The gateway as uvicorn runs it: its own few endpoints in FastAPI, everything under /v1/ through the proxy."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from gateway import endpoints, sandbox
from gateway.audit import Audit
from gateway.authentication import Authenticator
from gateway.description import Description
from gateway.login import LogIn
from gateway.nonces import Nonces
from gateway.onward import IdentityTokens
from gateway.proxy import Proxy
from gateway.readiness import Readiness
from gateway.routes import PREFIX, ROUTES, RouteTable
from gateway.settings import GatewaySettings
from gateway.snapshot import Configuration
from gateway.tokens import Issuer, TokenVerifier
from gateway.upstream import Upstream
from shared import problems
from shared.database import Database
from shared.identity import IdentitySigner
from shared.logging import configure
from shared.telemetry import continue_trace


class Gateway:
    """Parts the calls: the proxy's path carries no framework."""

    def __init__(self, proxy: Proxy, own: FastAPI) -> None:
        self._proxy = proxy
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call, or the life of the process."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._proxy(scope, receive, send)
            return
        continue_trace(None)
        await self._own(scope, receive, send)


def _life(
    configuration: Configuration, database: Database, upstream: Upstream, audit: Audit
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await configuration.try_to_look()
        following = asyncio.create_task(configuration.follow())
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await database.close()
        await upstream.close()
        audit.close()

    return life


def create_app() -> Gateway:
    """Build the gateway from its settings."""
    settings = GatewaySettings()
    configure("gateway", settings.log_level)
    known = sandbox.load(settings.sandbox)
    issuer = Issuer(settings.public_url, settings.token_private_key.get_secret_value())
    upstream = Upstream(settings.services)
    audit = Audit(settings.audit_dir)

    database = Database(settings.database_url.get_secret_value(), name="gateway", pool_size=settings.database_pool_size)
    key = bytes.fromhex(settings.registry_key.get_secret_value())
    configuration = Configuration(database, key, known.applications)

    own = FastAPI(
        title="邻里 Linli",
        version="1",
        lifespan=_life(configuration, database, upstream, audit),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    own.state.audit = audit
    own.state.issuer = issuer
    own.state.log_in = LogIn(known.users, issuer) if settings.sandbox else None
    own.state.description = Description(upstream, ROUTES, settings.public_url)
    own.state.readiness = Readiness(upstream, configuration)
    problems.install(own)
    own.include_router(endpoints.router)
    proxy = Proxy(
        routes=RouteTable(ROUTES),
        authenticator=Authenticator(TokenVerifier(issuer)),
        configuration=configuration,
        nonces=Nonces(database),
        identities=IdentityTokens(IdentitySigner(settings.identity_private_key.get_secret_value())),
        upstream=upstream,
        audit=audit,
    )
    return Gateway(proxy, own)
