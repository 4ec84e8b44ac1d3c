"""What tests hold in their hands: databases, callers and clients of services."""

import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
from gmssl_pyx import sm2_key_generate

from shared.identity import HEADER, Identity, IdentitySigner, Role

_PUBLIC, _PRIVATE = sm2_key_generate()
EXCHANGE_KEY = (_PRIVATE + _PUBLIC).hex()
"""What data packages are signed with while tests run."""


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """A migrated database of one service, with the URLs of its roles."""

    service: str
    admin: str
    owner: str
    app: str
    reader: str


@dataclass(frozen=True, slots=True)
class Keys:
    """A key pair, in PEM."""

    private: str
    public: str


def identity(subject: str, *roles: tuple[str, str]) -> Identity:
    """Make an identity: `identity("staff:li", ("desk", "330102001051"))`."""
    return Identity(subject, tuple(Role(role, prefix) for role, prefix in roles))


@dataclass(frozen=True, slots=True)
class ServiceClient:
    """Calls a service as the gateway does: with a signed identity, and a fresh idempotency key unless one is given."""

    service: str
    http: httpx.AsyncClient
    signer: IdentitySigner
    database: ServiceDatabase

    async def get(self, path: str, who: Identity, **params: str | int) -> httpx.Response:
        """GET a path as `who`."""
        return await self.http.get(path, params=params, headers=self.headers(who))

    async def post(self, path: str, who: Identity, body: object = None, *, key: str | None = None) -> httpx.Response:
        """POST a JSON body as `who`."""
        headers = {**self.headers(who), "Idempotency-Key": key or uuid.uuid4().hex}
        return await self.http.post(path, json=body, headers=headers)

    def headers(self, who: Identity) -> dict[str, str]:
        """Give the header of a signed identity."""
        return {HEADER: self.signer.sign(who, self.service, now=time.time())}


StartApi = Callable[[str], Awaitable[ServiceClient]]
MakeDatabase = Callable[[str], Awaitable[ServiceDatabase]]
