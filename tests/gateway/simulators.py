"""What belongs to others, played with the same wire format: an OIDC issuer, 浙里办, 浙政钉 and the province's data."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from gateway.dialects import dingtalk, provincial
from gateway.dialects.core import Request as Signable
from gateway.dialects.core import verify


@dataclass
class OidcIssuer:
    """An issuer with keys of two kinds, which may be down, turn its keys over, and sign whatever it is told."""

    name: str
    asked: int = 0
    is_down: bool = False
    keys: dict[str, PrivateKeyTypes] = field(default_factory=dict)
    others: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.turn_over("1")

    def turn_over(self, generation: str) -> None:
        """Take new keys, and no old ones."""
        self.keys = {
            f"ec-{generation}": ec.generate_private_key(ec.SECP256R1()),
            f"rsa-{generation}": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        }

    def key_set(self) -> dict[str, Any]:
        """Return the public keys."""
        keys = []
        for key_id, key in self.keys.items():
            if isinstance(key, ec.EllipticCurvePrivateKey):
                keys.append({**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": key_id, "alg": "ES256"})
            elif isinstance(key, rsa.RSAPrivateKey):
                keys.append({**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": key_id, "alg": "RS256"})
        return {"keys": [*self.others, *keys]}

    def token(self, key_id: str = "ec-1", headers: dict[str, Any] | None = None, **changed: Any) -> str:  # noqa: ANN401
        """Sign a token; a claim of None is left out."""
        now = int(time.time())
        claims = {"iss": self.name, "aud": "linli", "iat": now, "exp": now + 600, "sub": "resident:9", "level": 2}
        claims = {**claims, "roles": [["resident", "330102001051"]], **changed}
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"typ": "at+jwt", "kid": key_id, **(headers or {})}
        algorithm = "ES256" if key_id.startswith("ec") else "RS256"
        return jwt.encode(claims, self.keys[key_id], algorithm, headers=head)  # type: ignore[arg-type]

    def app(self) -> FastAPI:
        """Return what serves its keys."""
        app = FastAPI()

        @app.get("/jwks")
        async def keys() -> JSONResponse:
            self.asked += 1
            return JSONResponse({}, 503) if self.is_down else JSONResponse(self.key_set())

        return app


PROVINCE_KEY, PROVINCE_SECRET = "AKDEMO", "SKDEMO"


def province(people: dict[str, dict[str, Any]]) -> FastAPI:
    """Play 浙里办: a ticket is good once, and every call must be signed as the province asks."""
    app, tokens = FastAPI(), {f"token-of-{ticket}": person for ticket, person in people.items()}
    tickets = set(people)

    def is_signed(request: Request) -> bool:
        headers = dict(request.scope["headers"])
        path, query = request.scope["raw_path"], request.scope["query_string"]
        signed = provincial.read(Signable(request.method, path, query, headers))
        verify(signed, [PROVINCE_SECRET.encode()], datetime.now(UTC))
        return signed.access_key == PROVINCE_KEY

    def envelope(data: object, error: str | None = None) -> dict[str, Any]:
        return {"success": error is None, "errorCode": error, "errorMsg": error, "data": data}

    @app.post("/restapi/prod/IC33000020220329000007/uc/sso/access_token")
    async def access_token(request: Request) -> dict[str, Any]:
        assert is_signed(request)
        body = await request.json()
        if body["ticketId"] not in tickets or body["appId"] != "2001":
            return envelope(None, "C-USER-SSO-TICKET-INVALID")
        tickets.discard(body["ticketId"])
        return envelope({"accessToken": f"token-of-{body['ticketId']}"})

    @app.post("/restapi/prod/IC33000020220329000008/uc/sso/getUserInfo")
    async def user(request: Request) -> dict[str, Any]:
        assert is_signed(request)
        person = tokens.get((await request.json())["token"])
        return envelope(person) if person else envelope(None, "C-USER-SSO-TOKEN-INVALID")

    return app


def zhezhengding(employees: dict[str, dict[str, Any]]) -> FastAPI:
    """Play 浙政钉: gettoken, then who holds a code."""
    app = FastAPI()

    def is_signed(request: Request) -> bool:
        headers = dict(request.scope["headers"])
        path, query = request.scope["raw_path"], request.scope["query_string"]
        signed = dingtalk.read(Signable(request.method, path, query, headers))
        verify(signed, [b"SKDEMO"], datetime.now(UTC))
        return signed.access_key == "AKDEMO"

    def envelope(data: object, code: str = "0") -> dict[str, Any]:
        content = {"data": data, "success": code == "0", "responseCode": code, "responseMessage": "OK"}
        return {"success": True, "content": content}

    @app.get("/gettoken.json")
    async def token(request: Request, appkey: str, appsecret: str) -> dict[str, Any]:
        assert is_signed(request)
        assert (appkey, appsecret) == ("AKDEMO", "SKDEMO")
        return envelope({"accessToken": "a-token", "expiresIn": 7200})

    async def who(request: Request, code: str) -> dict[str, Any]:
        assert is_signed(request)
        assert request.query_params["access_token"] == "a-token"
        return envelope(employees[code]) if code in employees else envelope(None, "40078")

    @app.post("/rpc/oauth2/getuserinfo_bycode.json")
    async def by_qr(request: Request) -> dict[str, Any]:
        return await who(request, f"qr:{request.query_params['code']}")

    @app.post("/rpc/oauth2/dingtalk_app_user.json")
    async def in_app(request: Request) -> dict[str, Any]:
        return await who(request, f"app:{request.query_params['auth_code']}")

    return app


def settings(url: str) -> dict[str, str]:
    """Return the variables that name the simulators."""
    zheliban = {"url": url, "app_id": "2001", "access_key": PROVINCE_KEY, "secret": PROVINCE_SECRET}
    return {"LINLI_ZHELIBAN": json.dumps(zheliban)}


@dataclass
class DataSharing:
    """Play the province's data-sharing platform: secrets that end, MD5 signatures, `datas` as a text or as JSON."""

    people: list[dict[str, str]] = field(default_factory=list)
    companies: list[dict[str, str]] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    secret_lasts_s: int = 900
    request_id: Callable[[int], object] = "r{}".format

    def settings(self, url: str) -> dict[str, str]:
        """Return the registration with it."""
        paths = {"residence": "/gateway/api/1/dataSharing/p.htm", "organisation": "/gateway/api/1/dataSharing/c.htm"}
        return {"url": url, "app_key": PROVINCE_KEY, "app_secret": PROVINCE_SECRET, **paths}

    def _is_signed(self, given: dict[str, str], secret: str) -> bool:
        wanted = hashlib.md5(f"{PROVINCE_KEY}{secret}{given['requestTime']}".encode(), usedforsecurity=False)
        fresh = abs(time.time() * 1000 - int(given["requestTime"])) < 60_000
        return fresh and (given["appKey"], given["sign"]) == (PROVINCE_KEY, wanted.hexdigest())

    def _envelope(self, code: str, datas: object) -> dict[str, Any]:
        told = {"code": code, "msg": "成功", "data": "", "datas": datas, "requestId": self.request_id(len(self.asked))}
        return {**told, "dataCount": 1, "totalDataCount": 0, "totalPage": 1}

    async def _answer(
        self, request: Request, known: list[dict[str, str]], number: str, *, as_text: bool
    ) -> JSONResponse:
        given = dict(parse_qsl((await request.body()).decode()))
        if not (self.secrets and self._is_signed(given, self.secrets[-1])):
            return JSONResponse(self._envelope("99", ""))
        self.asked.append(given)
        if self.faults:
            status, code = self.faults.pop(0)
            return JSONResponse(self._envelope(code, ""), status)
        found = [each for each in known if each.get(number, each.get(number.upper())) == given[number]]
        return JSONResponse(self._envelope("00", json.dumps(found) if as_text else found))

    def app(self) -> FastAPI:
        """Return what answers."""
        app = FastAPI()

        @app.get("/gateway/app/refreshTokenByKey.htm")
        async def renew(request: Request) -> dict[str, Any]:
            if not self._is_signed(dict(request.query_params), PROVINCE_SECRET):
                return self._envelope("99", "")
            self.secrets.append(f"secret-{len(self.secrets)}")
            until = int((time.time() + self.secret_lasts_s) * 1000)
            told = {"refreshSecret": "r", "refreshSecretEndTime": until, "requestSecret": self.secrets[-1]}
            return self._envelope("00", {**told, "requestSecretEndTime": until})

        @app.post("/gateway/api/1/dataSharing/p.htm")
        async def population(request: Request) -> JSONResponse:
            return await self._answer(request, self.people, "czrkgmsfhm", as_text=True)

        @app.post("/gateway/api/1/dataSharing/c.htm")
        async def legal_persons(request: Request) -> JSONResponse:
            return await self._answer(request, self.companies, "tyxydm", as_text=False)

        return app
