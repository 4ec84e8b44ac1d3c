"""The provincial business gateway's signature, X-BG-HMAC-*, byte for byte (guideline, section 3.1).

The scheme is that of Apache APISIX's hmac-auth with other names, and so is its optional digest of the body, which is
an HMAC of its own: the body is not part of the string to sign.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote_from_bytes

from gateway.dialects.core import Request, Signed, query_items, required
from gateway.dialects.refusals import ClockSkewExceeded, InvalidAccessKey, InvalidSignature

NAME = "x-bg-hmac"
ACCESS_KEY = b"x-bg-hmac-access-key"
ALGORITHM = b"x-bg-hmac-algorithm"
DATE = b"x-bg-date-time"
SIGNATURE = b"x-bg-hmac-signature"
ALGORITHMS = {b"hmac-sha256": "sha256", b"hmac-sm3": "sm3"}

# What the province's Java client leaves unescaped beside letters, digits, "-", "_" and ".": URLEncoder keeps "*",
# and the client puts the others back.
_UNESCAPED = "!'()~*"


def read(request: Request) -> Signed:
    """Return what the call claims.

    Raises:
        InvalidAccessKey: It does not say whose it is.
        ClockSkewExceeded: Its date cannot be read.
        InvalidSignature: It is of another algorithm, or has no signature.
    """
    key = request.headers.get(ACCESS_KEY)
    if not key:
        raise InvalidAccessKey
    date = request.headers.get(DATE, b"")
    at = _read_date(date)
    algorithm = ALGORITHMS.get(request.headers.get(ALGORITHM, b"").lower())
    if algorithm is None:
        raise InvalidSignature
    text = signing_string(request.method, request.path, request.query, key, date)
    return Signed(NAME, key.decode("latin-1"), algorithm, text, required(request, SIGNATURE), at)


def canonical_query(query: bytes) -> bytes:
    """Return the items decoded, sorted by key, encoded anew and joined; a name without "=" has an empty value."""
    items = sorted(query_items(query), key=lambda item: item[0])
    return "&".join(f"{_escape(key)}={_escape(value)}" for key, value in items).encode()


def _escape(text: bytes) -> str:
    return quote_from_bytes(text, safe=_UNESCAPED)


def signing_string(method: str, path: bytes, query: bytes, access_key: bytes, date: bytes) -> bytes:
    """Return the text that is signed; the last line break is part of it."""
    return b"\n".join([method.upper().encode(), path, canonical_query(query), access_key, date, b""])


def _read_date(date: bytes) -> datetime:
    text = date.decode("latin-1")
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError) as error:  # a year, say, that no clock shows
        raise ClockSkewExceeded from error
    if not text.endswith(" GMT"):
        raise ClockSkewExceeded
    return moment.replace(tzinfo=UTC)
