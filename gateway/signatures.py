"""The provincial business gateway's signature, X-BG-HMAC-*, byte for byte (guideline, section 3.1).

Pure: bytes in, bytes or a refusal out. The body is not part of what is signed.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote_from_bytes, unquote_to_bytes

ACCESS_KEY = b"x-bg-hmac-access-key"
ALGORITHM = b"x-bg-hmac-algorithm"
DATE = b"x-bg-date-time"
SIGNATURE = b"x-bg-hmac-signature"
HMAC_SHA256 = b"hmac-sha256"
SKEW_MAX_S = 90

# What the province's Java client leaves unescaped beside letters, digits, "-", "_" and ".": URLEncoder keeps "*",
# and the client puts the others back.
_UNESCAPED = "!'()~*"


class SignatureRefused(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the program
    """Why a signed call is refused; the message is one of the province's four, word for word."""


class InvalidSignature(SignatureRefused):
    """The signature is missing, of another algorithm, or of another text or secret."""

    def __init__(self) -> None:
        super().__init__("Invalid signature")


class InvalidAccessKey(SignatureRefused):
    """No application has this access key."""

    def __init__(self) -> None:
        super().__init__("Invalid access key")


class ClockSkewExceeded(SignatureRefused):
    """The date is missing, unreadable, or too far from now."""

    def __init__(self) -> None:
        super().__init__("Clock skew exceeded")


class RouteForbidden(SignatureRefused):
    """The application may not call this route."""

    def __init__(self) -> None:
        super().__init__("The route_id is forbidden.")


def canonical_query(query: bytes) -> bytes:
    """Return the items decoded, sorted by key, encoded anew and joined; a name without "=" has an empty value."""
    items = [item.replace(b"+", b" ").partition(b"=") for item in query.split(b"&") if item]
    decoded = sorted(((unquote_to_bytes(k), unquote_to_bytes(v)) for k, _, v in items), key=lambda item: item[0])
    return "&".join(f"{_escape(key)}={_escape(value)}" for key, value in decoded).encode()


def _escape(text: bytes) -> str:
    return quote_from_bytes(text, safe=_UNESCAPED)


def signing_string(method: str, path: bytes, query: bytes, access_key: bytes, date: bytes) -> bytes:
    """Return the text that is signed; the last line break is part of it."""
    return b"\n".join([method.upper().encode(), path, canonical_query(query), access_key, date, b""])


def sign(secret: str, text: bytes) -> bytes:
    """Return Base64(HMAC-SHA256(secret, text))."""
    return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256))


def verify(
    method: str, path: bytes, query: bytes, headers: Mapping[bytes, bytes], *, secret: str, now: datetime
) -> None:
    """Check a call's signature.

    Args:
        method: Of HTTP.
        path: As it was sent, without the query.
        query: As it was sent, without the question mark.
        headers: By lower-case name.
        secret: Of the application whose access key the call carries.
        now: The present moment.

    Raises:
        ClockSkewExceeded: The date is not within SKEW_MAX_S of now.
        InvalidSignature: It was signed otherwise.
    """
    date = headers.get(DATE, b"")
    if abs((now - _read_date(date)).total_seconds()) > SKEW_MAX_S:
        raise ClockSkewExceeded
    expected = sign(secret, signing_string(method, path, query, headers[ACCESS_KEY], date))
    given = headers.get(SIGNATURE, b"")
    if headers.get(ALGORITHM, b"").lower() != HMAC_SHA256 or not hmac.compare_digest(expected, given):
        raise InvalidSignature


def _read_date(date: bytes) -> datetime:
    text = date.decode("latin-1")
    try:
        read = parsedate_to_datetime(text)
    except ValueError as error:
        raise ClockSkewExceeded from error
    if not text.endswith(" GMT"):
        raise ClockSkewExceeded
    return read.replace(tzinfo=UTC)
