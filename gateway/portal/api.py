"""HTTP of the developer portal: server-rendered pages; signed on by a cookie that no other site's page can use."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import SecretStr

from gateway.audit import Audit
from gateway.authentication import Caller
from gateway.call import Call
from gateway.description import Description
from gateway.login import Credentials, LogIn
from gateway.outages import AuditAway
from gateway.pages import page
from gateway.portal import pages
from gateway.portal.asyncapi import events
from gateway.portal.debugger import difference, read
from gateway.portal.session import COOKIE, Kept, Portal
from gateway.refusals import BadPassword, MalformedCall, NoSuchRoute, TooLarge
from gateway.tokens import LIFETIME_S
from shared.errors import Refusal
from shared.identity import Identity

T = TypeVar("T")
FORM_MAX_BYTES = 64 * 1024

router = APIRouter(prefix="/portal", include_in_schema=False)


def _portal(request: Request) -> Portal:
    portal: Portal = request.app.state.portal
    return portal


Visited = Annotated[Portal, Depends(_portal)]
Place = Annotated[int, Path(ge=1, le=2)]


async def _visitor(request: Request, portal: Visited) -> Identity | None:
    return await portal.visitor(request)


Visitor = Annotated[Identity | None, Depends(_visitor)]


async def _form(request: Request) -> dict[str, str]:
    """Read a form.

    Raises:
        TooLarge: It is longer than forms of these pages are.
        MalformedCall: It is no form.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > FORM_MAX_BYTES:
            raise TooLarge(limit_bytes=FORM_MAX_BYTES)
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=10)
    except ValueError as error:
        raise MalformedCall(part="form") from error
    return {name: values[0] for name, values in fields.items()}


Form = Annotated[dict[str, str], Depends(_form)]


async def _kept(portal: Visited, who: Visitor, name: str) -> Kept:
    """Return the application that the path names.

    Raises:
        NoSuchRoute: There is none, or not for who is signed on.
    """
    found = await portal.kept(who, name) if who else None
    if found is None:
        raise NoSuchRoute
    return found


@router.get("")
async def front(portal: Visited, who: Visitor) -> Response:
    """Show the applications of who is signed on, or how to sign on, and what is open to all."""
    mine = await portal.applications(who) if who else []
    return page("开发者门户 Developer portal", pages.front(who, mine, portal.sandbox))


@router.post("/session")
async def sign_on(request: Request, portal: Visited, form: Form) -> Response:
    """Sign on with a sandbox user's password, or with an access token of any sign-on."""
    token = form.get("token", "").strip()
    log_in: LogIn | None = request.app.state.log_in
    try:
        if not token and log_in is not None:
            given = Credentials(
                username=form.get("username", "")[:100], password=SecretStr(form.get("password", "")[:200])
            )
            token = log_in.log_in(given, request.client.host if request.client else "")[1].access_token
        if await portal.identity_of(token) is None:
            raise BadPassword
    except Refusal as refusal:
        facts = refusal.facts()
        said = f"{refusal.detail.format(**facts)} {refusal.detail_en.format(**facts)}"
        return page("登录未成功 Not signed on", pages.refused(said), status=refusal.status)
    answer = RedirectResponse("/portal", 303)
    secure = request.app.state.issuer.name.startswith("https://")
    answer.set_cookie(COOKIE, token, LIFETIME_S, path="/portal", httponly=True, samesite="strict", secure=secure)
    return answer


@router.post("/session/end")
async def sign_off() -> Response:
    """Sign off."""
    answer = RedirectResponse("/portal", 303)
    answer.delete_cookie(COOKIE, path="/portal")
    return answer


@router.get("/applications/{name}")
async def application(kept: Annotated[Kept, Depends(_kept)]) -> Response:
    """Show what is registered of an application, its keys and its usage."""
    return page(kept.name, pages.application(kept))


@router.get("/applications/{name}/openapi.json")
async def openapi(request: Request, kept: Annotated[Kept, Depends(_kept)]) -> Response:
    """Give the description of what the application may call, and of nothing else."""
    description: Description = request.app.state.description
    return JSONResponse(await description.of({each.operation for each in kept.registered.grants}))


@router.get("/applications/{name}/docs")
async def docs(kept: Annotated[Kept, Depends(_kept)]) -> Response:
    """Show that description, to try it out."""
    return get_swagger_ui_html(
        openapi_url=f"/portal/applications/{kept.name}/openapi.json",
        title=kept.name,
        swagger_js_url="/docs/swagger-ui-bundle.js",
        swagger_css_url="/docs/swagger-ui.css",
        swagger_favicon_url="/docs/favicon.png",
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": False},
    )


@router.post("/applications/{name}/keys")
async def make_key(request: Request, portal: Visited, who: Visitor, kept: Annotated[Kept, Depends(_kept)]) -> Response:
    """Make a secret and show it, this once."""
    made = await _on_record(request, who, lambda: portal.make_key(who or Identity("", ()), kept.name))
    return page("新密钥 New secret", pages.new_key(kept.name, made))


@router.post("/applications/{name}/keys/{place}/retirement")
async def retire_key(
    request: Request, portal: Visited, who: Visitor, kept: Annotated[Kept, Depends(_kept)], place: Place
) -> Response:
    """Retire a secret."""
    await _on_record(request, who, lambda: portal.retire_key(kept.name, place))
    return RedirectResponse(f"/portal/applications/{kept.name}", 303)


@router.post("/applications/{name}/deliveries/{delivery_id}/replay")
async def replay(
    request: Request, portal: Visited, who: Visitor, kept: Annotated[Kept, Depends(_kept)], delivery_id: uuid.UUID
) -> Response:
    """Have an event told once more."""
    await _on_record(request, who, lambda: portal.replay(kept.name, delivery_id))
    return RedirectResponse(f"/portal/applications/{kept.name}", 303)


async def _on_record(request: Request, who: Identity | None, do: Callable[[], Awaitable[T]]) -> T:
    audit: Audit = request.app.state.audit
    call = Call(dict(request.scope))
    call.caller = Caller(who, "portal") if who else None
    if audit.failing:
        raise AuditAway
    try:
        done = await do()
    except Refusal as refusal:
        call.record(audit, refusal.status, refusal.type)
        raise
    call.record(audit, 200, "answered")
    return done


@router.get("/events")
async def catalogue() -> Response:
    """List the events with what they mean and carry."""
    return page("事件目录 Events", pages.events(events()))


@router.get("/signatures")
async def debugger() -> Response:
    """Ask for a signed call and for the string that its client signed."""
    return page("签名调试器 Signature debugger", pages.debugger("", "", None, None), width_em=70)


@router.post("/signatures")
async def compare(form: Form) -> Response:
    """Show both strings side by side, and where they part."""
    call, theirs = form.get("call", ""), form.get("text", "")
    reading = read(call)
    parted = difference(reading.text, theirs) if reading.text and theirs else None
    body = pages.debugger(call, theirs, reading, parted)
    return page("签名调试器 Signature debugger", body, width_em=70)
