"""浙政钉: code → employee (guideline, section 3.3). What an employee may do is decided here, by two administrators."""

import secrets
import time
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from gateway.dialects.core import sign
from gateway.dialects.dingtalk import signing_string
from gateway.sign_on.refusals import SignOnAway, TicketRefused
from shared.clock import CHINA

PROVIDER = "浙政钉"
TOKEN_PATH = "/gettoken.json"  # noqa: S105 - an address
BY_QR_PATH = "/rpc/oauth2/getuserinfo_bycode.json"
IN_APP_PATH = "/rpc/oauth2/dingtalk_app_user.json"
TIMEOUT_S = 5.0
TOKEN_KEPT_S = 7200 - 300


class Settings(BaseModel):
    """The platform's registration with 浙政钉."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    app_key: str
    app_secret: SecretStr


class Zhezhengding:
    """Asks 浙政钉 who holds a code; its own access token is kept as long as it lives."""

    def __init__(self, http: httpx.AsyncClient, settings: Settings) -> None:
        self._http = http
        self._settings = settings
        self._token = ""
        self._good_until = 0.0

    async def sign_on(self, code: str, *, in_app: bool) -> str:
        """Return the employee who holds a code, by tenant and employee code.

        Raises:
            TicketRefused: The code is not taken.
            SignOnAway: 浙政钉 does not answer, or with something else.
        """
        if time.monotonic() > self._good_until:
            await self._renew()
        path, name = (IN_APP_PATH, "auth_code") if in_app else (BY_QR_PATH, "code")
        data = await self._call("POST", path, {"access_token": self._token, name: code})
        if not (data.get("tenantId") and data.get("employeeCode")):
            raise TicketRefused(code="no employee")
        return f"{data['tenantId']}-{data['employeeCode']}"

    async def _renew(self) -> None:
        secret = self._settings.app_secret.get_secret_value()
        data = await self._call("GET", TOKEN_PATH, {"appkey": self._settings.app_key, "appsecret": secret})
        self._token, self._good_until = str(data.get("accessToken")), time.monotonic() + TOKEN_KEPT_S

    async def _call(self, method: str, path: str, parameters: dict[str, str]) -> dict[str, Any]:
        timestamp = datetime.now(CHINA).isoformat(timespec="milliseconds")
        nonce, query = f"{time.time_ns() // 1000}{secrets.randbelow(10_000):04}", urlencode(parameters)
        text = signing_string(method, path.encode(), query.encode(), timestamp.encode(), nonce.encode())
        headers = {
            "apiKey": self._settings.app_key,
            "X-Hmac-Auth-Timestamp": timestamp,
            "X-Hmac-Auth-Version": "1.0",
            "X-Hmac-Auth-Nonce": nonce,
            "X-Hmac-Auth-Signature": sign(
                self._settings.app_secret.get_secret_value().encode(), "sha256", text
            ).decode(),
        }
        try:
            url = f"{self._settings.url}{path}?{query}"
            answer = await self._http.request(method, url, headers=headers, timeout=TIMEOUT_S)
            answer.raise_for_status()
            envelope = answer.json()
            content = envelope["content"]
            if envelope["success"] and content["success"]:
                return dict(content["data"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise SignOnAway(provider=PROVIDER) from error
        raise TicketRefused(code=str(content.get("responseCode")))
