"""收银 SDK: a till takes points by the code that a resident shows.

    till = Till("https://linli.example", "merchant-till-330281002015", secret, merchant_id)
    payment = till.authorise(scanned_code, points=90)   # holds the points, for half an hour
    till.capture(payment["id"])                         # takes them, or fewer: capture(id, points=60)
    till.refund(payment["id"], points=30)               # gives some back

It signs with the application's secret (X-BG-HMAC). A call that got no answer is tried again under the same key, and so
is never done twice. What the platform refuses is raised as `Refused`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clients.sdk.linli import PAUSE_S, Linli, Send


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
        linli = Linli(self.url, self.access_key, self.secret, "x-bg-hmac", self.send, self.pause_s)
        return linli.call(method, f"/v1/points{path}", body)
