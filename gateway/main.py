"""The gateway as uvicorn runs it: its own few endpoints in FastAPI, everything under /v1/ through the proxy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from gateway import endpoints, sandbox
from gateway.audit import Audit
from gateway.authentication import Authenticator
from gateway.description import Description
from gateway.login import LogIn
from gateway.onward import IdentityTokens
from gateway.proxy import Proxy
from gateway.readiness import Readiness
from gateway.routes import PREFIX, ROUTES, RouteTable
from gateway.settings import GatewaySettings
from gateway.tokens import Issuer, TokenVerifier
from gateway.upstream import Upstream
from shared import problems
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


def create_app() -> Gateway:
    """Build the gateway from its settings."""
    settings = GatewaySettings()
    configure("gateway", settings.log_level)
    known = sandbox.load(settings.sandbox)
    issuer = Issuer(settings.public_url, settings.token_private_key.get_secret_value())
    upstream = Upstream(settings.services)
    audit = Audit(settings.audit_dir)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await upstream.close()
        audit.close()

    own = FastAPI(title="邻里 Linli", version="1", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    own.state.audit = audit
    own.state.issuer = issuer
    own.state.log_in = LogIn(known.users, issuer) if settings.sandbox else None
    own.state.description = Description(upstream, ROUTES, settings.public_url)
    own.state.readiness = Readiness(upstream)
    problems.install(own)
    own.include_router(endpoints.router)
    proxy = Proxy(
        RouteTable(ROUTES),
        Authenticator(TokenVerifier(issuer), known.applications),
        IdentityTokens(IdentitySigner(settings.identity_private_key.get_secret_value())),
        upstream,
        audit,
    )
    return Gateway(proxy, own)
