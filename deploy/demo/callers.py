"""The demonstration's callers: people with a token, and applications that sign as the province's gateway asks."""

import asyncio
import base64
import hashlib
import hmac
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Protocol

import httpx

TRY_AGAIN_STATUSES = (429, 502, 503, 504)
TRY_AGAIN_FOR_S = 40.0
PAUSE_S = 0.25


class UnexpectedAnswerError(Exception):
    """The platform answered what the story does not expect."""


class Signer(Protocol):
    """Adds to a request what shows who is calling."""

    async def sign(self, http: httpx.AsyncClient, request: httpx.Request) -> None:
        """Put the caller's credentials on the request."""


@dataclass(slots=True)
class Person:
    """A user of the sandbox, who logs in for a token."""

    username: str
    password: str
    token: str | None = None

    async def sign(self, http: httpx.AsyncClient, request: httpx.Request) -> None:
        """Log in once, and carry the token."""
        if self.token is None:
            answer = await http.post("/auth/token", json={"username": self.username, "password": self.password})
            answer.raise_for_status()
            self.token = answer.json()["access_token"]
        request.headers["Authorization"] = f"Bearer {self.token}"


@dataclass(frozen=True, slots=True)
class Application:
    """An application that signs its requests with the province's X-BG-HMAC scheme."""

    access_key: str
    secret: str

    async def sign(self, _: httpx.AsyncClient, request: httpx.Request) -> None:
        """Sign method, path, query, key and date."""
        date = formatdate(time.time(), usegmt=True)
        text = f"{request.method}\n{request.url.path}\n{request.url.query.decode()}\n{self.access_key}\n{date}\n"
        digest = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).digest()
        request.headers.update(
            {
                "X-BG-HMAC-ACCESS-KEY": self.access_key,
                "X-BG-HMAC-ALGORITHM": "hmac-sha256",
                "X-BG-DATE-TIME": date,
                "X-BG-HMAC-SIGNATURE": base64.b64encode(digest).decode(),
            }
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls the gateway as one person or application.

    A call that came too soon, or met a process being restarted, is tried again with the same idempotency key, as every
    client should.
    """

    http: httpx.AsyncClient
    signer: Signer

    async def get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401 - whatever the API answers
        """GET a path; returns the JSON of a success."""
        return _expect(await self._send("GET", path, params=params), 200)

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - the same
        """POST a body; returns the JSON of a success."""
        return _expect(await self.try_post(path, body), 200, 201, 202)

    async def try_post(self, path: str, body: object, *, key: str | None = None) -> httpx.Response:
        """POST a body, under a new idempotency key unless one is given; returns the answer, a refusal too."""
        return await self._send("POST", path, json=body, headers={"Idempotency-Key": key or uuid.uuid4().hex})

    async def _send(self, method: str, path: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        until = time.monotonic() + TRY_AGAIN_FOR_S
        while True:
            pause_s = PAUSE_S
            try:
                request = self.http.build_request(method, path, **parts)
                await self.signer.sign(self.http, request)
                answer = await self.http.send(request)
                if answer.status_code not in TRY_AGAIN_STATUSES or time.monotonic() > until:
                    return answer
                pause_s = float(answer.headers.get("Retry-After", PAUSE_S))
            except httpx.HTTPError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(pause_s)


def _expect(answer: httpx.Response, *statuses: int) -> Any:  # noqa: ANN401 - whatever the API answers
    if answer.status_code not in statuses:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise UnexpectedAnswerError(f"{asked}: {answer.status_code} {answer.text}")
    return answer.json()


def callers(http: httpx.AsyncClient, sandbox: Mapping[str, Any]) -> dict[str, Caller]:
    """Return the sandbox's users and applications, by name, ready to call."""
    signers: dict[str, Signer] = {u["username"]: Person(u["username"], u["password"]) for u in sandbox["users"]}
    signers |= {a["access_key"]: Application(a["access_key"], a["secret"]) for a in sandbox["applications"]}
    return {name: Caller(http, signer) for name, signer in signers.items()}
