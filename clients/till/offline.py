"""离线收券: a till takes vouchers on paper without a network, and posts them when there is one.

    taken = OfflineTill(till, "330281002015", key, Path("taken.jsonl"))   # key = till.voucher_key(), kept from before
    voucher = taken.take(scanned_code)     # checks signature, community and time, and that it is new to this till
    for decided in taken.post(): ...       # later: what was paid, what was refused and why, what waits

What it took is on disk before `take` returns, and stays there until the platform has decided. The platform pays the
till that posts first, so post as soon as there is a network. It needs the package `cryptography`.
"""

import base64
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from .till import Till

POSTED_AT_ONCE = 200


class VoucherRefused(Exception):  # noqa: N818 - it is an answer
    """Do not take this voucher: `kind` is not-ours, elsewhere, clock, expired or used, as the platform names them."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(f"请勿收取该券 · do not take it: {kind}")


@dataclass(frozen=True)
class Voucher:
    """What a voucher says whose signature is right; points are of the till's own community."""

    voucher_id: str
    number: int
    points: int
    expires_at: datetime


@dataclass(frozen=True)
class OfflineTill:
    """A till that goes on without a network.

    Attributes:
        till: Over which it posts.
        community_code: The merchant's community: only its vouchers are taken.
        key: The platform's public key of vouchers, in PEM.
        journal: Where it keeps what it took: JSON lines that are only added to.
    """

    till: Till
    community_code: str
    key: str
    journal: Path

    def take(self, code: str, now: datetime | None = None) -> Voucher:
        """Take a voucher, if it is good; it is on disk when this returns.

        Raises:
            VoucherRefused: It is forged, of another community, over, of a time to come, or this till took it before.
        """
        at = now or datetime.now(UTC)
        claims = self._claims(code)
        if claims["com"] != self.community_code:
            raise VoucherRefused("elsewhere")
        if claims["iat"] > at.timestamp():
            raise VoucherRefused("clock")
        if claims["exp"] <= at.timestamp():
            raise VoucherRefused("expired")
        if any(line.get("voucher_id") == claims["jti"] for line in self._lines()):
            raise VoucherRefused("used")
        report = {"presentation_id": str(uuid.uuid4()), "token": code, "presented_at": at.isoformat()}
        self._note({"voucher_id": claims["jti"], "report": report})
        return Voucher(claims["jti"], claims["num"], claims["pts"], datetime.fromtimestamp(claims["exp"], UTC))

    def waiting(self) -> list[dict[str, str]]:
        """Return what was taken and is not finally decided."""
        decided = {line["decided"] for line in self._lines() if "decided" in line}
        reports = [line["report"] for line in self._lines() if "report" in line]
        return [report for report in reports if report["presentation_id"] not in decided]

    def post(self) -> list[dict[str, Any]]:
        """Post what is not decided; returns the platform's decisions. What waits there is posted again next time.

        Raises:
            OSError: There is still no network; nothing is lost.
            Refused: The platform does not know this till.
        """
        waiting = self.waiting()
        answers: list[dict[str, Any]] = []
        for first in range(0, len(waiting), POSTED_AT_ONCE):
            for one in self.till.present(waiting[first : first + POSTED_AT_ONCE]):
                if one["state"] != "waiting":
                    self._note({"decided": one["presentation_id"], "state": one["state"], "reason": one["reason"]})
                answers.append(one)
        return answers

    def _claims(self, code: str) -> dict[str, Any]:
        key = load_pem_public_key(self.key.encode())
        try:
            signed, _, signature = code.rpartition(".")
            if not isinstance(key, Ed25519PublicKey):
                raise VoucherRefused("not-ours")
            key.verify(_bytes(signature), signed.encode())
            claims: dict[str, Any] = json.loads(_bytes(signed.partition(".")[2]))
        except (InvalidSignature, ValueError) as error:
            raise VoucherRefused("not-ours") from error
        return claims

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self.journal.exists():
            for line in self.journal.read_text(encoding="utf-8").splitlines():
                with suppress(ValueError):  # a line that a power cut broke off was never answered
                    yield json.loads(line)

    def _note(self, line: dict[str, Any]) -> None:
        with self.journal.open("ab") as file:
            if file.tell() and not self.journal.read_bytes().endswith(b"\n"):
                file.write(b"\n")
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
