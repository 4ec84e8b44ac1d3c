"""浙里办: ticket → token → user (guideline, section 3.2). Both calls are signed as the province asks (3.1)."""

import time
import uuid
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from gateway.dialects.core import sign
from gateway.dialects.provincial import signing_string
from gateway.sign_on.refusals import SignOnAway, TicketRefused

PROVIDER = "浙里办"
TOKEN_PATH = "/restapi/prod/IC33000020220329000007/uc/sso/access_token"  # noqa: S105 - an address
USER_PATH = "/restapi/prod/IC33000020220329000008/uc/sso/getUserInfo"
TIMEOUT_S = 5.0
SUBJECTS = uuid.uuid5(uuid.NAMESPACE_URL, "https://linli.example/subjects/zheliban")
PERSON, LEGAL_PERSON = "PERSON", "LEGAL_PERSON"
LEVELS = {"1": 1, "2": 2, "3": 3}


class Settings(BaseModel):
    """The platform's registration with the province."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    app_id: str
    access_key: str
    secret: SecretStr


@dataclass(frozen=True, slots=True)
class SignedOn:
    """What is kept of a user: a pseudonym, what kind, and how surely. Name, number and phone stay where they were."""

    subject_id: uuid.UUID
    is_company: bool
    level: int


async def sign_on(http: httpx.AsyncClient, settings: Settings, ticket: str) -> SignedOn:
    """Return who holds a ticket.

    Raises:
        TicketRefused: The province does not take it, or knows no user by it.
        SignOnAway: It does not answer, or with something else.
    """
    token = await _call(http, settings, TOKEN_PATH, {"ticketId": ticket, "appId": settings.app_id})
    user = await _call(http, settings, USER_PATH, {"token": token.get("accessToken")})
    is_company = user.get("userType") == LEGAL_PERSON
    info = user.get("legalPersonInfo" if is_company else "personInfo") or {}
    # One company may hold several accounts: it is the account that is known again, never the social-credit code.
    account = info.get("userId") or user.get("userId")
    if not account:
        raise TicketRefused(code="C-USER-SSO-USER-EMPTY")
    level = LEVELS.get(str(info.get("authlevel") or user.get("authlevel")), 1)
    return SignedOn(uuid.uuid5(SUBJECTS, f"{user.get('userType')}/{account}"), is_company, level)


async def _call(http: httpx.AsyncClient, settings: Settings, path: str, body: dict[str, Any]) -> dict[str, Any]:
    date = formatdate(time.time(), usegmt=True)
    text = signing_string("POST", path.encode(), b"", settings.access_key.encode(), date.encode())
    headers = {
        "X-BG-HMAC-ACCESS-KEY": settings.access_key,
        "X-BG-HMAC-ALGORITHM": "hmac-sha256",
        "X-BG-DATE-TIME": date,
        "X-BG-HMAC-SIGNATURE": sign(settings.secret.get_secret_value().encode(), "sha256", text).decode(),
    }
    try:
        answer = await http.post(settings.url + path, json=body, headers=headers, timeout=TIMEOUT_S)
        answer.raise_for_status()
        envelope = answer.json()
        if envelope["success"]:
            return dict(envelope["data"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise SignOnAway(provider=PROVIDER) from error
    raise TicketRefused(code=str(envelope.get("errorCode")))
