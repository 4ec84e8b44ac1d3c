"""Who may say who a user is: issuers with their keys, each good for its own tokens alone.

Keys are fetched from the issuer's own address, never from one that a token names (`jku`, `x5u`, `jwk` are ignored).
"""

import asyncio
import time
from contextlib import suppress
from typing import Annotated, Any, Literal

import httpx
import jwt
import structlog
from prometheus_client import Gauge
from pydantic import BaseModel, ConfigDict, Field

from shared.fields import AreaPrefix

READS_KEPT_S = 24 * 3600.0
WRITES_KEPT_S = 3600.0
FRESH_S = 300.0
UNKNOWN_KID_PAUSE_S = 5.0
"""How often at most an unknown key id makes us ask: anybody can invent one."""
FETCH_TIMEOUT_S = 3.0
KEYS_MAX = 32
KEY_AGE = Gauge("linli_gateway_issuer_key_age_seconds", "Since an issuer's keys were last read", ["issuer"])

Algorithm = Literal["ES256", "ES384", "RS256", "PS256", "EdDSA"]

log = structlog.get_logger()


class Assertion(BaseModel):
    """A role that an issuer may give, and where."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    prefix: AreaPrefix


class IssuerSettings(BaseModel):
    """An issuer that is trusted, for some roles in some area.

    Attributes:
        issuer: The exact `iss` of its tokens.
        jwks_url: Where its keys are.
        algorithms: What it signs with; nothing else is taken.
        may_assert: The roles that its tokens may give; others in a token are refused with the token.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    jwks_url: str
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)]
    may_assert: tuple[Assertion, ...]


class KeysAway(Exception):  # noqa: N818 - an answer of the outside world, not a fault of the program
    """No keys of the issuer that are young enough."""


class RemoteKeys:
    """An issuer's keys, fetched again when they are old or a token names one that is not there."""

    def __init__(self, settings: IssuerSettings, http: httpx.AsyncClient) -> None:
        self.settings = settings
        self._http = http
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at = float("-inf")
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    def age_s(self) -> float:
        """How long ago the keys were read, in seconds."""
        return time.monotonic() - self._read_at

    async def key(self, key_id: str) -> jwt.PyJWK | None:
        """Return the key with this id, asking the issuer when need be.

        Raises:
            KeysAway: The issuer does not answer, and what we have is more than READS_KEPT_S old.
        """
        if self.age_s() > FRESH_S or key_id not in self._keys:
            async with self._asking:
                if time.monotonic() - self._asked_at > UNKNOWN_KID_PAUSE_S:
                    await self._fetch()
        if self.age_s() > READS_KEPT_S:
            raise KeysAway
        return self._keys.get(key_id)

    async def _fetch(self) -> None:
        self._asked_at = time.monotonic()
        try:
            answer = await self._http.get(self.settings.jwks_url, timeout=FETCH_TIMEOUT_S)
            answer.raise_for_status()
            self._keys = _read(answer.json(), self.settings.algorithms)
            self._read_at = time.monotonic()
        except (httpx.HTTPError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
            log.warning("issuer's keys not read", issuer=self.settings.issuer, error=type(error).__name__)
        KEY_AGE.labels(self.settings.issuer).set(self.age_s())


def _read(document: dict[str, Any], algorithms: tuple[str, ...]) -> dict[str, jwt.PyJWK]:
    """Read a key set; what is no public signing key of a taken algorithm is left out."""
    keys = {}
    for each in document["keys"][:KEYS_MAX]:
        if each.get("kid") and each.get("use", "sig") == "sig" and each.get("kty") in {"EC", "RSA", "OKP"}:
            with suppress(jwt.PyJWTError):  # of an algorithm or a curve that we have not: others may be good
                key = jwt.PyJWK(each)
                if key.algorithm_name in algorithms:
                    keys[each["kid"]] = key
    return keys
