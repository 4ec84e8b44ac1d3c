"""邻里 SDK: an application calls the platform; signed, tried again where that is safe, page by page.

    linli = Linli("https://linli.example", "bins-330102", secret)
    linli.get("/v1/points/corridors")
    linli.post("/v1/points/deeds", {"reference": "box-7-20260105", …})  # a retry does nothing twice
    for space in linli.pages("/v1/scenarios/spaces", community_code="330102001051"):
        …

It signs by the strong profile (RFC 9421, HMAC-SHA256 or HMAC-SM3: body, nonce and key inside the signature) or as the
province's clients do (X-BG-HMAC), and needs nothing but Python 3.11. What the platform refuses is raised as `Refused`.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

TIMEOUT_S = 10.0
ATTEMPTS = 4
PAUSE_S = 0.5
RETRY_AFTER_MAX_S = 60.0
AGAIN = frozenset({429, 502, 503, 504})
"""What may be tried again: a write has its key, and a read changes nothing."""

Answer = tuple[int, Mapping[str, str], bytes]
Send = Callable[[str, str, Mapping[str, str], bytes], Answer]
"""Sends method, path with query, headers and body; returns status, headers by lower-case name and body; raises OSError
when there is no answer."""


class Refused(Exception):  # noqa: N818 - it is an answer
    """The platform's refusal, a problem of RFC 9457: `kind` is stable, `detail` says what to do.

    Attributes:
        status: Of HTTP.
        kind: The last part of the problem's type, such as `grant-required`.
        detail: What happened and what to do, in Chinese; `detail_en` in English.
        problem: All its members.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.kind = str(problem.get("type", "")).rsplit("/", 1)[-1]
        # The province's own form, in which its signatures are refused, has a message alone.
        self.detail = str(problem.get("detail", problem.get("message", "")))
        self.detail_en = str(problem.get("detail_en", ""))
        super().__init__(f"{status} {self.kind}: {self.detail} {self.detail_en}")


@dataclass(frozen=True)
class Call:
    """What is signed: `path` as it is sent, without the query; `key` is the Idempotency-Key of a write."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    key: str | None = None


def _base64_hmac(secret: str, text: bytes, algorithm: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), text, algorithm).digest()).decode()


def provincial_text(call: Call, access_key: str, date: str) -> bytes:
    """Return the provincial string to sign; the last line break is part of it."""
    pairs = parse_qsl(call.query, keep_blank_values=True, encoding="latin-1")
    items = sorted(pairs, key=lambda pair: pair[0])
    escaped = "&".join("=".join(quote(part.encode("latin-1"), safe="!'()~*") for part in pair) for pair in items)
    return f"{call.method}\n{call.path}\n{escaped}\n{access_key}\n{date}\n".encode()


def sign_provincial(call: Call, access_key: str, secret: str, *, at: float) -> dict[str, str]:
    """Sign as the province's clients do: neither body nor nonce is inside; `at` is Unix time in seconds."""
    date = formatdate(at, usegmt=True)
    return {
        "X-BG-HMAC-ACCESS-KEY": access_key,
        "X-BG-HMAC-ALGORITHM": "hmac-sha256",
        "X-BG-DATE-TIME": date,
        "X-BG-HMAC-SIGNATURE": _base64_hmac(secret, provincial_text(call, access_key, date), "sha256"),
    }


def strong_text(call: Call, digest: str | None, params: str) -> bytes:
    """Return the signature base of RFC 9421 over what the strong profile covers; `digest` is the Content-Digest."""
    lines = {"@method": call.method, "@path": call.path, "@query": f"?{call.query}"}
    if digest is not None:
        lines |= {"content-digest": digest, "idempotency-key": call.key or ""}
    covered = "".join(f'"{name}": {value}\n' for name, value in lines.items())
    return f'{covered}"@signature-params": {params}'.encode()


def sign_strong(call: Call, access_key: str, secret: str, *, at: float, algorithm: str = "sha256") -> dict[str, str]:
    """Sign by the strong profile with `sha256` or `sm3`; each try has a nonce of its own."""
    covered, headers, digest = '"@method" "@path" "@query"', {}, None
    if call.method != "GET":
        name = {"sha256": "sha-256", "sm3": "sm3"}[algorithm]
        value = base64.b64encode(hashlib.new(algorithm, call.body).digest()).decode()
        covered += ' "content-digest" "idempotency-key"'
        headers["Content-Digest"] = digest = f"{name}=:{value}:"
    nonce = secrets.token_urlsafe(18)
    params = f'({covered});created={int(at)};nonce="{nonce}";keyid="{access_key}";alg="hmac-{algorithm}"'
    signature = _base64_hmac(secret, strong_text(call, digest, params), algorithm)
    return {**headers, "Signature-Input": f"sig1={params}", "Signature": f"sig1=:{signature}:"}


def _sign(dialect: str, call: Call, access_key: str, secret: str) -> dict[str, str]:
    if dialect == "x-bg-hmac":
        return sign_provincial(call, access_key, secret, at=time.time())
    return sign_strong(call, access_key, secret, at=time.time(), algorithm=dialect.removeprefix("rfc9421-"))


@dataclass(frozen=True)
class Linli:
    """The platform, as one application sees it.

    Attributes:
        url: Of the gateway.
        access_key: Of the application.
        secret: That belongs to it.
        dialect: `rfc9421-sha256`, `rfc9421-sm3` or `x-bg-hmac`; one that the application is registered for.
        send: Sends a request; over HTTP unless given.
        pause_s: How long to wait before trying again, longer each time, where the platform does not say.
    """

    url: str
    access_key: str
    secret: str
    dialect: str = "rfc9421-sha256"
    send: Send | None = None
    pause_s: float = PAUSE_S

    def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 - JSON
        """Read.

        Raises:
            Refused: By the platform.
            OSError: There is no answer, after ATTEMPTS tries.
        """
        return self.call("GET", path, query=query)

    def post(self, path: str, body: object = None, *, key: str | None = None) -> Any:  # noqa: ANN401 - JSON
        """Write, under a key of your own where the same deed may be told twice, or under a fresh one.

        Raises:
            Refused: By the platform.
            OSError: There is no answer, after ATTEMPTS tries; the same key tells later whether it was done.
        """
        return self.call("POST", path, body, key=key)

    def pages(self, path: str, **query: str | int) -> Iterator[Any]:
        """Yield the items of a list, page after page, each asked for when it is needed.

        Raises:
            Refused: By the platform.
            OSError: There is no answer, after ATTEMPTS tries.
        """
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str | int] | None = None,
        key: str | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Call any operation; what all of the above do.

        Raises:
            Refused: By the platform.
            OSError: There is no answer, after ATTEMPTS tries.
        """
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        key = None if method == "GET" else key or uuid.uuid4().hex
        call = Call(method, path, urlencode(query or {}, quote_via=quote), content, key)
        status, answer = self._tried(call)
        told = _read(answer)
        if status >= 400:  # noqa: PLR2004 - a status that refuses
            raise Refused(status, told if isinstance(told, dict) else {})
        return told

    def _tried(self, call: Call) -> tuple[int, bytes]:
        target = call.path + (f"?{call.query}" if call.query else "")
        for attempt in range(1, ATTEMPTS + 1):
            pause_s = self.pause_s * attempt
            try:
                send = self.send or self._over_http
                status, headers, answer = send(call.method, target, self._headers(call), call.body)
            except OSError:
                if attempt == ATTEMPTS:
                    raise
            else:
                if status not in AGAIN or attempt == ATTEMPTS:
                    break
                pause_s = _told_pause_s(headers, pause_s)
            time.sleep(pause_s)
        return status, answer

    def _headers(self, call: Call) -> dict[str, str]:
        signed = _sign(self.dialect, call, self.access_key, self.secret)
        sent = {"Content-Type": "application/json"} if call.body else {}
        return {**signed, **sent, **({"Idempotency-Key": call.key} if call.key else {})}

    def _over_http(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        request = urllib.request.Request(  # noqa: S310 - the application's own platform
            self.url.rstrip("/") + target, None if method == "GET" else body, dict(headers), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the same
                return answer.status, _named(answer.headers.items()), answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, _named(refused.headers.items()), refused.read()


def _named(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


def _told_pause_s(headers: Mapping[str, str], otherwise_s: float) -> float:
    """Return how long the platform says to wait, within reason."""
    told = headers.get("retry-after", "")
    return min(float(told), RETRY_AFTER_MAX_S) if told.isdigit() else otherwise_s


def _read(answer: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(answer) if answer else {}
    except ValueError:
        return {}
