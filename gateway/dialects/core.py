"""The one verifier of signatures: a dialect says what was signed and by whom, this says whether it is so.

Pure: bytes in, a claim or a refusal out.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from gateway.dialects.refusals import ClockSkewExceeded, InvalidSignature

SKEW_MAX_S = 90
"""How far a caller's clock may be from ours; the province's own figure, kept for all."""
NONCE_MAX_BYTES = 128


class Request(NamedTuple):
    """What can be signed of a call: as it was sent, headers by lower-case name."""

    method: str
    path: bytes
    query: bytes
    headers: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class BodyDigest:
    """What the body must be: `name` is of `hashlib`."""

    name: str
    value: bytes

    def fits(self, body: bytes) -> bool:
        """Tell whether it is this body's."""
        return hmac.compare_digest(hashlib.new(self.name, body, usedforsecurity=False).digest(), self.value)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a call claims.

    Attributes:
        dialect: In which it was signed.
        access_key: Whose secret it was signed with.
        algorithm: The hash in the HMAC, `sha256` or `sm3`.
        text: The string to sign.
        signature: As given, in Base64.
        at: When it says it was signed.
        nonce: What makes it good for one time, if anything.
        body_digest: What its body must be, if that is signed.
    """

    dialect: str
    access_key: str
    algorithm: str
    text: bytes
    signature: bytes
    at: datetime
    nonce: bytes | None = None
    body_digest: BodyDigest | None = None


Read = Callable[[Request], Signed]


def sign(secret: bytes, algorithm: str, text: bytes) -> bytes:
    """Return Base64(HMAC(secret, text)); the algorithm is `sha256` or `sm3`."""
    return base64.b64encode(hmac.digest(secret, text, algorithm))


def verify(signed: Signed, secrets: Iterable[bytes], now: datetime) -> None:
    """Check a claim against an application's live secrets.

    Raises:
        ClockSkewExceeded: It was not signed within SKEW_MAX_S of now.
        InvalidSignature: It was signed with none of them, or is of another text.
    """
    if abs((now - signed.at).total_seconds()) > SKEW_MAX_S:
        raise ClockSkewExceeded
    # All are compared, so that the time tells nothing of which one it was.
    fits = [hmac.compare_digest(sign(each, signed.algorithm, signed.text), signed.signature) for each in secrets]
    if not any(fits):
        raise InvalidSignature


def required(request: Request, name: bytes) -> bytes:
    """Return a header that a signature cannot do without.

    Raises:
        InvalidSignature: It is missing or empty.
    """
    value = request.headers.get(name)
    if not value:
        raise InvalidSignature
    return value


def nonce_of(value: bytes) -> bytes:
    """Return a nonce.

    Raises:
        InvalidSignature: It is longer than is kept.
    """
    if len(value) > NONCE_MAX_BYTES:
        raise InvalidSignature
    return value


def query_items(query: bytes) -> list[tuple[bytes, bytes]]:
    """Return the items of a query, decoded: "+" is a space, only "&" parts them, no "=" means an empty value."""
    items = [item.replace(b"+", b" ").partition(b"=") for item in query.split(b"&") if item]
    return [(unquote_to_bytes(key), unquote_to_bytes(value)) for key, _, value in items]


def plain_items(query: bytes) -> list[tuple[bytes, bytes]]:
    """Return the items of a query for a dialect that joins them without escaping, sorted by key.

    Raises:
        InvalidSignature: Joined, they could be read as other items: the same signature would fit another call.
    """
    items = query_items(query)
    for key, value in items:
        if b"=" in key or any(mark in key + value for mark in (b"&", b"\n")):
            raise InvalidSignature
    return sorted(items)


def from_base64(text: bytes) -> bytes:
    """Decode Base64.

    Raises:
        InvalidSignature: It is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise InvalidSignature from error
