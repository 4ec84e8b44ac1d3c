"""The province's data-sharing platform 数据共享平台: calls are signed with a secret that is good for some minutes.

`GET /gateway/app/refreshTokenByKey.htm` gives the request secret for the application's own; an interface of the
catalogue, `/gateway/api/<…>/dataSharing/<…>.htm`, takes a form. Both carry `appKey`, `requestTime` (milliseconds) and
`sign`, the MD5 of key, secret and time joined: this is the platform's, and weak. Its answers are
`{code, msg, data, datas, requestId, …}` with code 00 for success; `datas` is JSON, or a text that holds JSON.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from gateway.console.verification.rules import Kind

TIMEOUT_S = 10.0
SECRET_PATH = "/gateway/app/refreshTokenByKey.htm"  # noqa: S105 - an address
SUCCESS = "00"
REFUSED = frozenset({"97", "98"})
"""Parameters are missing, or of the wrong type: asking again does not help."""
EARLIER_MS = 60_000


class Settings(BaseModel):
    """The registration with the platform, and the paths of the interfaces that were granted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    app_key: str
    app_secret: SecretStr
    residence: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the platform knows, and its number for the call."""

    records: list[dict[str, Any]]
    request_id: str | None


class PlatformAwayError(Exception):
    """It does not answer, or not with success: later it may."""


class PlatformRefusedError(Exception):
    """It does not take what is asked."""


class DataSharing:
    """Asks the platform, and keeps its secret while that is good."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._paths: Mapping[Kind, str] = {"residence": settings.residence, "organisation": settings.organisation}
        self._secret, self._secret_until_ms = "", 0
        self._renewing = asyncio.Lock()

    async def ask(self, http: httpx.AsyncClient, kind: Kind, params: Mapping[str, str]) -> Found:
        """Return what the platform knows.

        Raises:
            PlatformAwayError: It is to be asked again.
            PlatformRefusedError: It is not.
        """
        secret = await self._good_secret(http)
        signed = {**self._signature(secret), **params}
        try:
            answer = await self._read(http.post(self._settings.url + self._paths[kind], data=signed))
        except PlatformAwayError:
            if secret == self._secret:
                self._secret_until_ms = 0  # it may be the secret that is no longer taken
            raise
        try:
            datas = answer.get("datas") or answer.get("data") or []
            records = json.loads(datas) if isinstance(datas, str) else datas
            return Found([dict(each) for each in records], str(answer.get("requestId") or "") or None)
        except (ValueError, TypeError) as error:
            raise PlatformAwayError("not the answer that was agreed on") from error

    async def _good_secret(self, http: httpx.AsyncClient) -> str:
        async with self._renewing:  # a new secret may end the one before: one call at a time asks for it
            if time.time() * 1000 > self._secret_until_ms - EARLIER_MS:
                signed = self._signature(self._settings.app_secret.get_secret_value())
                answer = await self._read(http.get(self._settings.url + SECRET_PATH, params=signed))
                try:
                    told = answer["datas"]
                    self._secret, self._secret_until_ms = str(told["requestSecret"]), int(told["requestSecretEndTime"])
                except (KeyError, TypeError, ValueError) as error:
                    raise PlatformAwayError("no request secret") from error
            return self._secret

    def _signature(self, secret: str) -> dict[str, str]:
        key, now = self._settings.app_key, str(int(time.time() * 1000))
        sign = hashlib.md5((key + secret + now).encode(), usedforsecurity=False).hexdigest()
        return {"appKey": key, "sign": sign, "requestTime": now}

    async def _read(self, call: Any) -> dict[str, Any]:  # noqa: ANN401 - what httpx awaits
        try:
            answer = (await call).raise_for_status().json()
            code = str(answer["code"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise PlatformAwayError(type(error).__name__) from error
        if code in REFUSED:
            raise PlatformRefusedError(f"code {code}")
        if code != SUCCESS:
            raise PlatformAwayError(f"code {code}")
        return dict(answer)
