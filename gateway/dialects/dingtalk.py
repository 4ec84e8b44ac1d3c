"""浙政钉's signature, X-Hmac-Auth-* (guideline, section 3.3). The body is not signed; the nonce is."""

from datetime import datetime

from gateway.dialects.core import Request, Signed, nonce_of, plain_items, required
from gateway.dialects.refusals import ClockSkewExceeded, InvalidAccessKey, InvalidSignature

NAME = "x-hmac-auth"
API_KEY = b"apikey"
TIMESTAMP = b"x-hmac-auth-timestamp"
VERSION = b"x-hmac-auth-version"
NONCE = b"x-hmac-auth-nonce"
SIGNATURE = b"x-hmac-auth-signature"


def read(request: Request) -> Signed:
    """Return what the call claims.

    Raises:
        InvalidAccessKey: It does not say whose it is.
        ClockSkewExceeded: Its timestamp cannot be read.
        InvalidSignature: It is of another version, or lacks something.
    """
    key = request.headers.get(API_KEY)
    if not key:
        raise InvalidAccessKey
    if request.headers.get(VERSION) != b"1.0":
        raise InvalidSignature
    timestamp, nonce = request.headers.get(TIMESTAMP, b""), nonce_of(required(request, NONCE))
    at = _read_timestamp(timestamp)
    text = signing_string(request.method, request.path, request.query, timestamp, nonce)
    return Signed(NAME, key.decode("latin-1"), "sha256", text, required(request, SIGNATURE), at, nonce)


def signing_string(method: str, path: bytes, query: bytes, timestamp: bytes, nonce: bytes) -> bytes:
    """Return the text that is signed: no last line break; without a query there is no line for one.

    Raises:
        InvalidSignature: The query could be read in two ways.
    """
    lines = [method.upper().encode(), timestamp, nonce, path]
    if items := plain_items(query):
        lines.append(b"&".join(key + b"=" + value for key, value in items))
    return b"\n".join(lines)


def _read_timestamp(timestamp: bytes) -> datetime:
    try:
        at = datetime.fromisoformat(timestamp.decode("latin-1"))
    except ValueError as error:
        raise ClockSkewExceeded from error
    if at.tzinfo is None:
        raise ClockSkewExceeded
    return at
