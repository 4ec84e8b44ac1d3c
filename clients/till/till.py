"""收银 SDK: a till takes points by the code that a resident shows.

    till = Till("https://linli.example", "merchant-till-330281002015", secret, merchant_id)
    payment = till.authorise(scanned_code, points=90)   # holds the points, for half an hour
    till.capture(payment["id"])                         # takes them, or fewer: capture(id, points=60)
    till.refund(payment["id"], points=30)               # gives some back

It signs with the application's secret (X-BG-HMAC), and needs nothing but Python 3.11. A call that got no answer is
tried again under the same key, and so is never done twice. What the platform refuses is raised as `Refused`.
"""

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

TIMEOUT_S = 10.0
ATTEMPTS = 4
PAUSE_S = 0.5
AGAIN = frozenset({429, 502, 503, 504})

Answer = tuple[int, bytes]
Send = Callable[[str, str, Mapping[str, str], bytes], Answer]
"""Sends method, path, headers and body; returns status and body; raises OSError when there is no answer."""


class Refused(Exception):  # noqa: N818 - it is an answer
    """The platform's refusal, a problem of RFC 9457: `kind` is stable, `detail` says what to do."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.kind = str(problem.get("type", "")).rsplit("/", 1)[-1]
        self.detail = str(problem.get("detail", ""))
        self.detail_en = str(problem.get("detail_en", ""))
        super().__init__(f"{status} {self.kind}: {self.detail} {self.detail_en}")


@dataclass(frozen=True)
class Till:
    """A till of one merchant.

    Attributes:
        url: Of the platform's gateway.
        access_key: Of the merchant's application.
        secret: That belongs to it.
        merchant_id: Whose till this is.
        send: Sends a request; over HTTP unless given.
        pause_s: How long to wait before trying again, longer each time.
    """

    url: str
    access_key: str
    secret: str
    merchant_id: str
    send: Send | None = None
    pause_s: float = PAUSE_S

    def authorise(self, code: str, points: int, items: Mapping[str, int] | None = None) -> dict[str, Any]:
        """Hold a resident's points by the code that it shows.

        Args:
            code: The text of the QR.
            points: How many, in points of the merchant's community.
            items: Pieces by item of the merchant's catalogue, to be held against the share payable in points.

        Raises:
            Refused: `code-invalid`, `code-used`, `not-enough-points`, `share-exceeded`, `cap-reached`, `no-corridor`, …
        """
        body = {"merchant_id": self.merchant_id, "code": code, "points": points, "items": dict(items or {})}
        return self._post("/payments", body)

    def capture(self, payment_id: str, points: int | None = None) -> dict[str, Any]:
        """Take what was authorised, or fewer points; the rest is free again.

        Raises:
            Refused: `payment-closed`, `more-than-paid`, …
        """
        return self._post(f"/payments/{payment_id}/capture", {} if points is None else {"points": points})

    def void(self, payment_id: str) -> dict[str, Any]:
        """Let go of what was authorised.

        Raises:
            Refused: `payment-closed`.
        """
        return self._post(f"/payments/{payment_id}/void", None)

    def refund(self, payment_id: str, points: int) -> dict[str, Any]:
        """Give back what was captured, or a part of it.

        Raises:
            Refused: `payment-closed`, `more-than-paid`, …
        """
        return self._post(f"/payments/{payment_id}/refunds", {"points": points})

    def voucher_key(self) -> str:
        """Return the public key with which vouchers are checked without a network; keep it (see `offline.py`)."""
        return str(self._call("GET", "/voucher-key", None)["key"])

    def present(self, reports: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """Post vouchers that were taken without a network; each is answered, and asked again answers the same."""
        body = {"merchant_id": self.merchant_id, "reports": list(reports)}
        decided: list[dict[str, Any]] = self._call("POST", "/voucher-presentations", body)
        return decided

    def read(self, payment_id: str) -> dict[str, Any]:
        """Return a payment as it stands.

        Raises:
            Refused: `payment-unknown`.
        """
        payment: dict[str, Any] = self._call("GET", f"/payments/{payment_id}", None)
        return payment

    def _post(self, path: str, body: object) -> dict[str, Any]:
        told: dict[str, Any] = self._call("POST", path, body)
        return told

    def _call(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        path, key = f"/v1/points{path}", uuid.uuid4().hex
        content = b"" if body is None else json.dumps(body).encode()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                status, answer = (self.send or self._over_http)(method, path, self._headers(method, path, key), content)
            except OSError:
                if attempt == ATTEMPTS:
                    raise
            else:
                if status not in AGAIN or attempt == ATTEMPTS:
                    break
            time.sleep(self.pause_s * attempt)
        told = _read(answer)
        if status >= 400:  # noqa: PLR2004 - a status that refuses
            raise Refused(status, told if isinstance(told, dict) else {})
        return told

    def _headers(self, method: str, path: str, key: str) -> dict[str, str]:
        date = formatdate(time.time(), usegmt=True)
        text = f"{method}\n{path}\n\n{self.access_key}\n{date}\n"
        digest = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).digest()
        signed = {
            "X-BG-HMAC-ACCESS-KEY": self.access_key,
            "X-BG-HMAC-ALGORITHM": "hmac-sha256",
            "X-BG-DATE-TIME": date,
            "X-BG-HMAC-SIGNATURE": base64.b64encode(digest).decode(),
        }
        return {**signed, "Content-Type": "application/json", "Idempotency-Key": key}

    def _over_http(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        request = urllib.request.Request(  # noqa: S310 - the till's own platform
            self.url.rstrip("/") + path, body if method == "POST" else None, dict(headers), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the same
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()


def _read(answer: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(answer)
    except ValueError:
        return {}
