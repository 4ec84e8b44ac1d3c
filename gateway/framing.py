"""The outer form of a call: sizes, path and headers that can be read in one way only.

What the HTTP parser lets through is checked again here, because two programs that read one call differently are how
requests are smuggled. Parser and proxy agree on nothing but what passes these checks.
"""

import re
from collections.abc import Mapping
from typing import Any

from gateway.refusals import HeadersTooLarge, MalformedCall, TooLarge, UrlTooLong

BODY_MAX_BYTES = 1024 * 1024
URL_MAX_BYTES = 4096
HEADERS_MAX_BYTES = 16 * 1024

_SEGMENTS = re.compile(rb"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~:@!$&'()*+,;=-]+)+")
_QUERY = re.compile(rb"[\x21-\x7e]*")
# What decides who calls, what is done, or what is signed is there once, or two readers may take two different ones.
_MANY = frozenset(
    (
        *(
            b"accept",
            b"accept-encoding",
            b"accept-language",
            b"baggage",
            b"cookie",
            b"forwarded",
            b"traceparent",
            b"tracestate",
            b"via",
        ),
        *(b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"),
    )
)


def check(scope: Mapping[str, Any]) -> dict[bytes, bytes]:
    """Return the headers by name, or refuse the call for its form.

    Raises:
        UrlTooLong: Path and query together are too long.
        HeadersTooLarge: The headers together are too large.
        MalformedCall: Something can be read in more than one way.
        TooLarge: The declared length is beyond what is read.
    """
    if len(scope["raw_path"]) + len(scope["query_string"]) > URL_MAX_BYTES:
        raise UrlTooLong(limit_bytes=URL_MAX_BYTES)
    pairs: list[tuple[bytes, bytes]] = scope["headers"]
    if sum(len(name) + len(value) for name, value in pairs) > HEADERS_MAX_BYTES:
        raise HeadersTooLarge(limit_bytes=HEADERS_MAX_BYTES)
    if not _SEGMENTS.fullmatch(scope["raw_path"]):
        raise MalformedCall(part="path")
    if not _QUERY.fullmatch(scope["query_string"]):
        raise MalformedCall(part="query")
    headers = dict(pairs)
    if len(headers) != len(pairs):
        _refuse_doubles([name for name, _ in pairs])
    _check_length(headers)
    return headers


def _refuse_doubles(names: list[bytes]) -> None:
    for name in names:
        if name not in _MANY and names.count(name) > 1:
            raise MalformedCall(part=name.decode("latin-1"))


def _check_length(headers: Mapping[bytes, bytes]) -> None:
    coding = headers.get(b"transfer-encoding")
    length = headers.get(b"content-length")
    if coding is not None and (length is not None or coding.lower() != b"chunked"):
        raise MalformedCall(part="transfer-encoding")
    if length is None:
        return
    if not length.isdigit():
        raise MalformedCall(part="content-length")
    if int(length) > BODY_MAX_BYTES:
        raise TooLarge(limit_bytes=BODY_MAX_BYTES)
