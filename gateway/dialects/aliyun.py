"""The signature of the Aliyun API gateway's family, x-ca-*: headers and an MD5 of the body are signed.

MD5 is what the family uses; it binds the body no better than MD5 can. The strong profile (`http_messages`) does better.
"""

from datetime import UTC, datetime

from gateway.dialects.core import BodyDigest, Request, Signed, from_base64, nonce_of, plain_items, required
from gateway.dialects.refusals import ClockSkewExceeded, InvalidAccessKey, InvalidSignature

NAME = "x-ca"
KEY = b"x-ca-key"
TIMESTAMP = b"x-ca-timestamp"
NONCE = b"x-ca-nonce"
SIGNATURE = b"x-ca-signature"
SIGNED_HEADERS = b"x-ca-signature-headers"
METHOD = b"x-ca-signature-method"
CONTENT_MD5 = b"content-md5"
# These have lines of their own in the string to sign, or cannot sign themselves.
_NOT_AMONG_HEADERS = {SIGNATURE, SIGNED_HEADERS, b"accept", CONTENT_MD5, b"content-type", b"date"}
_MUST_BE_SIGNED = {KEY, TIMESTAMP, NONCE}
_LINES = (b"accept", CONTENT_MD5, b"content-type", b"date")


def read(request: Request) -> Signed:
    """Return what the call claims.

    Raises:
        InvalidAccessKey: It does not say whose it is.
        ClockSkewExceeded: Its timestamp is not Unix time in milliseconds.
        InvalidSignature: It is of another method, or leaves unsigned what must be.
    """
    key = request.headers.get(KEY)
    if not key:
        raise InvalidAccessKey
    if request.headers.get(METHOD, b"HmacSHA256") != b"HmacSHA256":
        raise InvalidSignature
    names = signed_names(request.headers.get(SIGNED_HEADERS, b""))
    if not set(names) >= _MUST_BE_SIGNED:
        raise InvalidSignature
    at, nonce = _read_timestamp(request.headers.get(TIMESTAMP, b"")), nonce_of(required(request, NONCE))
    digest = request.headers.get(CONTENT_MD5)
    body = BodyDigest("md5", from_base64(digest)) if digest else None
    text = signing_string(request, names)
    return Signed(NAME, key.decode("latin-1"), "sha256", text, required(request, SIGNATURE), at, nonce, body)


def signed_names(listed: bytes) -> list[bytes]:
    """Return the names in X-Ca-Signature-Headers, in the order in which they are signed."""
    names = {name.strip().lower() for name in listed.split(b",") if name.strip()}
    return sorted(names - _NOT_AMONG_HEADERS)


def signing_string(request: Request, names: list[bytes]) -> bytes:
    """Return the text that is signed.

    Raises:
        InvalidSignature: The query could be read in two ways, or says a name twice: only one value would be signed.
    """
    lines = [request.method.upper().encode(), *(request.headers.get(name, b"") for name in _LINES)]
    lines += [name + b":" + request.headers.get(name, b"") for name in names]
    items = plain_items(request.query)
    if len(dict(items)) != len(items):
        raise InvalidSignature
    query = b"&".join(key + b"=" + value if value else key for key, value in items)
    return b"\n".join([*lines, request.path + (b"?" + query if query else b"")])


def _read_timestamp(timestamp: bytes) -> datetime:
    if not timestamp.isdigit() or len(timestamp) != len("1636447760000"):
        raise ClockSkewExceeded
    return datetime.fromtimestamp(int(timestamp) / 1000, UTC)
