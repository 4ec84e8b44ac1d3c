"""What the gateway answers itself: its description, log-in, keys and health."""

from pathlib import Path
from typing import Annotated, Any

import fastapi_offline
from fastapi import APIRouter, Depends, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from gateway.audit import Audit
from gateway.authentication import Caller
from gateway.call import Call
from gateway.description import Description
from gateway.login import Credentials, LogIn, Token
from gateway.portal.asyncapi import description as asyncapi_description
from gateway.readiness import Readiness
from gateway.routes import ROUTES
from gateway.sign_on.answers import given, refused
from gateway.tokens import Issuer
from shared import problems
from shared.drain import Drain
from shared.errors import Refusal

# Swagger UI comes with a package: a government network reaches no CDN.
_STATIC = Path(fastapi_offline.__file__).parent / "static"
_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}

router = APIRouter()


def _audit(request: Request) -> Audit:
    audit: Audit = request.app.state.audit
    return audit


@router.get("/")
async def front(request: Request) -> dict[str, Any]:
    """Say what this is and where to go on."""
    has_log_in = request.app.state.log_in is not None
    return {
        "name": "邻里 Linli",
        "about": "未来社区数字平台的统一入口 / the one door of a future community's digital platform",
        "docs": "/docs",
        "openapi": "/openapi.json",
        "asyncapi": "/asyncapi.json",
        "portal": "/portal",
        "log_in": "/auth/token" if has_log_in else None,
    }


@router.get("/docs", include_in_schema=False)
async def docs() -> HTMLResponse:
    """Show the description of all open routes."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="邻里 Linli",
        swagger_js_url="/docs/swagger-ui-bundle.js",
        swagger_css_url="/docs/swagger-ui.css",
        swagger_favicon_url="/docs/favicon.png",
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": False},
    )


@router.get("/docs/{asset}", include_in_schema=False)
async def docs_asset(asset: str) -> Response:
    """Give one of the page's files."""
    if asset not in _ASSETS:
        return problems.problem(
            404,
            "not-found",
            detail="没有此文件。",
            detail_en="There is no such file.",
            headers={"Cache-Control": "no-store"},
        )
    return FileResponse(_STATIC / asset, media_type=_ASSETS[asset], headers={"Cache-Control": "max-age=86400"})


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> dict[str, Any]:
    """Give the description of all open routes."""
    description: Description = request.app.state.description
    return await description.current()


@router.get("/openapi/{audience}.json", include_in_schema=False)
async def openapi_of(request: Request, audience: str) -> Response:
    """Give the description of what one audience may call: a role, such as `resident` or `device`."""
    description: Description = request.app.state.description
    operations = {route.operation for route in ROUTES if audience in route.roles}
    if not operations:
        return problems.problem(
            404,
            "not-found",
            detail="没有此类调用者；可用角色见 /openapi.json 的 x-linli-roles。",
            detail_en="There is no such audience; x-linli-roles in /openapi.json names them.",
        )
    return JSONResponse(await description.of(operations))


@router.get("/asyncapi.json", include_in_schema=False)
async def asyncapi() -> dict[str, Any]:
    """Give the description of all events."""
    return asyncapi_description()


@router.get("/.well-known/jwks.json")
async def key_set(request: Request) -> dict[str, Any]:
    """Give the public keys of the local issuer."""
    issuer: Issuer = request.app.state.issuer
    return issuer.key_set()


@router.post("/auth/token", response_model=Token)
async def token(request: Request, credentials: Credentials, audit: Annotated[Audit, Depends(_audit)]) -> Response:
    """Give a sandbox user a token for a password."""
    log_in: LogIn | None = request.app.state.log_in
    call = Call(dict(request.scope))
    if log_in is None:
        call.record(audit, 404, "no-such-route")
        return problems.problem(
            404,
            "no-such-route",
            detail="此网关未启用本地登录。",
            detail_en="This gateway has no local log-in.",
        )
    try:
        identity, made = log_in.log_in(credentials, request.client.host if request.client else "")
    except Refusal as refusal:
        return refused(request, call, refusal)
    return given(request, call, Caller(identity, "password"), made)


@router.get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "live"}


@router.get("/health/ready", include_in_schema=False)
async def ready(request: Request) -> Response:
    """Say that every service behind the gateway is ready, and the gateway not about to end."""
    drain: Drain = request.app.state.drain
    if drain.has_begun:
        return drain.answer()
    readiness: Readiness = request.app.state.readiness
    away = await readiness.away()
    if not away:
        return Response('{"status":"ready"}', media_type="application/json")
    return problems.problem(
        503,
        "services-away",
        detail=f"以下服务尚未就绪：{'、'.join(away)}。",
        detail_en=f"These services are not ready: {', '.join(away)}.",
        facts={"services": away},
        headers={"Retry-After": "1"},
    )
