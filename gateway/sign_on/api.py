"""HTTP of sign-on: a ticket or a code for an access token of the local issuer."""

import time
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.authentication import Caller
from gateway.call import Call
from gateway.login import Token
from gateway.refusals import NoSuchRoute
from gateway.registry import Post
from gateway.settings import GatewaySettings
from gateway.sign_on import zheliban
from gateway.sign_on.answers import given, refused
from gateway.sign_on.refusals import NoPost
from gateway.sign_on.zhezhengding import Zhezhengding
from gateway.snapshot import Configuration
from gateway.tokens import LEVEL_HIGHEST, Issuer
from shared.errors import Refusal
from shared.fields import CommunityCode
from shared.identity import Identity, Role

router = APIRouter(prefix="/auth", tags=["登录 sign-on"])


class Ticket(BaseModel):
    """What 浙里办 hands to the application."""

    model_config = ConfigDict(extra="forbid")

    ticket_id: str = Field(min_length=1, max_length=512)
    community_code: CommunityCode = Field(description="居住社区 / where the resident lives")


class Code(BaseModel):
    """What 浙政钉 hands to the application."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=512)
    in_app: bool = Field(
        default=True, description="浙政钉内打开为 true，扫码登录为 false / opened inside, or by QR code"
    )


class SignOn:
    """Signs users on, and gives them the local issuer's tokens."""

    def __init__(
        self, settings: GatewaySettings, http: httpx.AsyncClient, issuer: Issuer, configuration: Configuration
    ) -> None:
        self._zheliban = settings.zheliban
        self._zhezhengding = Zhezhengding(http, settings.zhezhengding) if settings.zhezhengding else None
        self._http = http
        self._issuer = issuer
        self._configuration = configuration

    async def resident(self, ticket: Ticket) -> tuple[Identity, Token]:
        """Sign on through 浙里办: a person is a resident; a company's account needs a post."""
        if self._zheliban is None:
            raise NoSuchRoute
        found = await zheliban.sign_on(self._http, self._zheliban, ticket.ticket_id)
        if found.is_company:
            identity = self._holder(f"company:{found.subject_id}")
        else:
            identity = Identity(f"resident:{found.subject_id}", (Role("resident", ticket.community_code),))
        return identity, self._token(identity, found.level)

    async def employee(self, code: Code) -> tuple[Identity, Token]:
        """Sign on through 浙政钉: an employee holds the roles of a post."""
        if self._zhezhengding is None:
            raise NoSuchRoute
        employee = await self._zhezhengding.sign_on(code.code, in_app=code.in_app)
        identity = self._holder(f"employee:{employee}")
        return identity, self._token(identity, LEVEL_HIGHEST)

    def _holder(self, subject: str) -> Identity:
        post = self._configuration.current.posts.get(subject)
        if not isinstance(post, Post):
            raise NoPost(subject=subject)
        return Identity(subject, tuple(Role(each.role, each.prefix) for each in post.roles))

    def _token(self, identity: Identity, level: int) -> Token:
        return Token(access_token=self._issuer.issue(identity, time.time(), level=level))


def _sign_on(request: Request) -> SignOn:
    found: SignOn = request.app.state.sign_on
    return found


SignsOn = Annotated[SignOn, Depends(_sign_on)]


@router.post("/zheliban", response_model=Token, summary="浙里办登录 / Sign on through 浙里办")
async def by_ticket(request: Request, ticket: Ticket, signs_on: SignsOn) -> Response:
    """Give a resident a token for a ticket of 浙里办; its level decides what is allowed."""
    call = Call(dict(request.scope))
    try:
        identity, token = await signs_on.resident(ticket)
    except Refusal as refusal:
        return refused(request, call, refusal)
    return given(request, call, Caller(identity, "zheliban"), token)


@router.post("/zhezhengding", response_model=Token, summary="浙政钉登录 / Sign on through 浙政钉")
async def by_code(request: Request, code: Code, signs_on: SignsOn) -> Response:
    """Give an employee a token for a code of 浙政钉, with the roles of their post."""
    call = Call(dict(request.scope))
    try:
        identity, token = await signs_on.employee(code)
    except Refusal as refusal:
        return refused(request, call, refusal)
    return given(request, call, Caller(identity, "zhezhengding"), token)
