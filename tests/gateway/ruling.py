"""What a test tells the gateway to do, as two administrators do."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx

from tests.gateway.knock import ADMINISTRATORS, Door

DEEDS = "POST /v1/points/deeds"
FREE = "GET /v1/scenarios/spaces"
_counter = itertools.count()


def application(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - any member
    """Describe an application on the shelf with two grants."""
    return {
        "kind": "device",
        "owner": "上城区智慧环卫有限公司",
        "purpose": "智能垃圾分类箱上报",
        "expires_at": "2099-01-01T00:00:00Z",
        "shelf": "on-shelf",
        "dialects": ["x-bg-hmac", "x-hmac-auth", "x-ca", "rfc9421-sha256", "rfc9421-sm3"],
        "grants": [{"operation": DEEDS, "prefix": "330102"}, {"operation": FREE, "prefix": "330102"}],
        **changed,
    }


async def propose(door: Door, kind: str, name: str, document: dict[str, Any] | None) -> httpx.Response:
    """Let the first administrator propose a document."""
    body = {"kind": kind, "name": name, "document": document, "reason": "试点"}
    return await door.http.post("/v1/console/changes", headers=door.write(ADMINISTRATORS[0]), json=body)


async def decide(door: Door, change_id: str, verdict: str = "approved", who: int = 1) -> httpx.Response:
    """Let an administrator decide, the second unless told."""
    path = f"/v1/console/changes/{change_id}/decision"
    return await door.http.post(path, headers=door.write(ADMINISTRATORS[who]), json={"verdict": verdict})


async def put(door: Door, kind: str, name: str, document: dict[str, Any] | None) -> str:
    """Put a document in force by both, and wait until the door goes by it."""
    proposed = await propose(door, kind, name, document)
    assert proposed.status_code == 201, proposed.text
    decided = await decide(door, proposed.json()["id"])
    assert decided.status_code == 200, decided.text
    await asyncio.sleep(0.7)
    change_id: str = proposed.json()["id"]
    return change_id


async def secret_of(door: Door, name: str) -> str:
    """Make a secret and wait until the door knows it."""
    made = await door.http.post(f"/v1/console/applications/{name}/secrets", headers=door.write(ADMINISTRATORS[0]))
    assert made.status_code == 201, made.text
    await asyncio.sleep(0.7)
    secret: str = made.json()["secret"]
    return secret


def _b64_hmac(secret: str, text: str, name: str = "sha256") -> str:
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), name)).decode()


def provincial(method: str, path: str, key: str, secret: str, _: bytes = b"") -> dict[str, str]:
    """Sign as the province's clients do (no query)."""
    date = format_datetime(datetime.now(UTC), usegmt=True)
    return {
        "X-BG-HMAC-ACCESS-KEY": key,
        "X-BG-HMAC-ALGORITHM": "hmac-sha256",
        "X-BG-DATE-TIME": date,
        "X-BG-HMAC-SIGNATURE": _b64_hmac(secret, f"{method}\n{path}\n\n{key}\n{date}\n"),
    }


def dingtalk(method: str, path: str, key: str, secret: str, _: bytes = b"") -> dict[str, str]:
    """Sign as 浙政钉's clients do (no query)."""
    stamp, nonce = datetime.now(UTC).isoformat(timespec="milliseconds"), f"{time.time_ns()}{next(_counter)}"
    return {
        "apiKey": key,
        "X-Hmac-Auth-Timestamp": stamp,
        "X-Hmac-Auth-Version": "1.0",
        "X-Hmac-Auth-Nonce": nonce,
        "X-Hmac-Auth-Signature": _b64_hmac(secret, f"{method}\n{stamp}\n{nonce}\n{path}"),
    }


def aliyun(method: str, path: str, key: str, secret: str, body: bytes = b"") -> dict[str, str]:
    """Sign as clients of the Aliyun family do (no query)."""
    stamp, nonce = str(int(time.time() * 1000)), f"{time.time_ns()}-{next(_counter)}"
    md5 = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode() if body else ""
    lines = [method, "*/*", md5, "application/json", "", f"x-ca-key:{key}", f"x-ca-nonce:{nonce}"]
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "X-Ca-Key": key,
        "X-Ca-Nonce": nonce,
        "X-Ca-Timestamp": stamp,
        "X-Ca-Signature-Headers": "x-ca-timestamp,x-ca-key,x-ca-nonce",
        "X-Ca-Signature": _b64_hmac(secret, "\n".join([*lines, f"x-ca-timestamp:{stamp}", path])),
    }
    return {**headers, "Content-MD5": md5} if md5 else headers


def strong(name: str) -> Callable[..., dict[str, str]]:
    """Return a signer of the strong profile by `sha256` or `sm3`."""

    def sign(method: str, path: str, key: str, secret: str, body: bytes = b"") -> dict[str, str]:
        nonce, idempotency_key = f"{time.time_ns()}-{next(_counter)}", f"key-{time.time_ns()}"
        digest = {"sha256": "sha-256", "sm3": "sm3"}[name]
        covered = {"@method": method, "@path": path, "@query": "?"}
        headers = {}
        if method != "GET":
            value = base64.b64encode(hashlib.new(name, body).digest()).decode()
            headers = {"Content-Digest": f"{digest}=:{value}:", "Idempotency-Key": idempotency_key}
            covered |= {"content-digest": headers["Content-Digest"], "idempotency-key": idempotency_key}
        listed = " ".join(f'"{component}"' for component in covered)
        params = f'({listed});created={int(time.time())};nonce="{nonce}";keyid="{key}";alg="hmac-{name}"'
        base = "".join(f'"{component}": {value}\n' for component, value in covered.items())
        signature = _b64_hmac(secret, f'{base}"@signature-params": {params}', name)
        return {**headers, "Signature-Input": f"sig1={params}", "Signature": f"sig1=:{signature}:"}

    return sign


DIALECTS = {
    "x-bg-hmac": provincial,
    "x-hmac-auth": dingtalk,
    "x-ca": aliyun,
    "rfc9421-sha256": strong("sha256"),
    "rfc9421-sm3": strong("sm3"),
}
