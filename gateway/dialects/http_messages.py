"""The strong profile: HTTP Message Signatures (RFC 9421) over a Content-Digest (RFC 9530), by HMAC-SHA256 or HMAC-SM3.

A profile narrows the standard: one signature; method, path and query always signed; a write signs its body's digest
and its Idempotency-Key too, and everything carries a nonce, so that a captured call is good for nothing.
"""

import re
from datetime import UTC, datetime

from gateway.dialects.core import BodyDigest, Request, Signed, from_base64, nonce_of
from gateway.dialects.refusals import ClockSkewExceeded, InvalidAccessKey, InvalidSignature

INPUT = b"signature-input"
SIGNATURE = b"signature"
DIGEST = b"content-digest"
KEY = b"idempotency-key"
ALGORITHMS = {b"hmac-sha256": ("rfc9421-sha256", "sha256"), b"hmac-sm3": ("rfc9421-sm3", "sm3")}
DIGESTS = {b"sha-256": "sha256", b"sm3": "sm3"}
READS = frozenset({"GET", "HEAD"})
ALWAYS = frozenset((b"@method", b"@path", b"@query"))
ON_WRITES = frozenset((DIGEST, KEY))

_NAME = rb"@?[a-z0-9-]+"
_INPUT = re.compile(
    rb'([a-z][a-z0-9_-]*)=(\(("'
    + _NAME
    + rb'"(?: "'
    + _NAME
    + rb'")*)\)((?:;[a-z]+=(?:[0-9]+|"[\x20-\x21\x23-\x5b\x5d-\x7e]*"))*))'
)
_PARAMETER = re.compile(rb';([a-z]+)=(?:([0-9]+)|"([^"]*)")')
_DIGEST = re.compile(rb"([a-z0-9-]+)=:([A-Za-z0-9+/=]+):")


def read(request: Request) -> Signed:
    """Return what the call claims.

    Raises:
        InvalidAccessKey: It names no key.
        ClockSkewExceeded: It does not say when it was made.
        InvalidSignature: It is not of this profile, or leaves unsigned what must be signed.
    """
    found = _INPUT.fullmatch(request.headers.get(INPUT, b""))
    if found is None:
        raise InvalidSignature
    label, params, listed = found[1], found[2], found[3]
    names = [name.strip(b'"') for name in listed.split(b" ")]
    values = _parameters(found[4])
    dialect, algorithm = ALGORITHMS.get(values.get(b"alg", b""), ("", ""))
    if not dialect or b"nonce" not in values:
        raise InvalidSignature
    _check_covered(request, names)
    text = signature_base(request, names, params)
    given = re.fullmatch(rb"" + re.escape(label) + rb"=:([A-Za-z0-9+/=]+):", request.headers.get(SIGNATURE, b""))
    if given is None:
        raise InvalidSignature
    body = _body_digest(request.headers[DIGEST]) if DIGEST in names else None
    key = values.get(b"keyid", b"").decode("latin-1")
    return Signed(dialect, key, algorithm, text, given[1], _created(values), nonce_of(values[b"nonce"]), body)


def _parameters(text: bytes) -> dict[bytes, bytes]:
    found = _PARAMETER.findall(text)
    values = {name: number or string for name, number, string in found}
    if len(values) != len(found):
        raise InvalidSignature
    if not values.get(b"keyid"):
        raise InvalidAccessKey
    return values


def _created(values: dict[bytes, bytes]) -> datetime:
    created = values.get(b"created", b"")
    if not created.isdigit() or len(created) > len("9999999999"):
        raise ClockSkewExceeded
    return datetime.fromtimestamp(int(created), UTC)


def _check_covered(request: Request, names: list[bytes]) -> None:
    needed = ALWAYS if request.method in READS else ALWAYS | ON_WRITES
    if len(set(names)) != len(names) or not needed <= set(names):
        raise InvalidSignature


def signature_base(request: Request, names: list[bytes], params: bytes) -> bytes:
    """Return the signature base of RFC 9421, section 2.5.

    Args:
        request: The call.
        names: The covered components, in order.
        params: The value of `@signature-params`, as it was sent.

    Raises:
        InvalidSignature: A covered component is not there.
    """
    lines = [b'"' + name + b'": ' + _component(request, name) for name in names]
    return b"\n".join([*lines, b'"@signature-params": ' + params])


def _component(request: Request, name: bytes) -> bytes:
    derived = {
        b"@method": request.method.encode(),
        b"@path": request.path,
        b"@query": b"?" + request.query,
        b"@authority": request.headers.get(b"host", b"").lower(),
    }
    value = derived.get(name) if name.startswith(b"@") else request.headers.get(name)
    if value is None:
        raise InvalidSignature
    return value.strip()


def _body_digest(header: bytes) -> BodyDigest:
    found = _DIGEST.fullmatch(header)
    if found is None or found[1] not in DIGESTS:
        raise InvalidSignature
    return BodyDigest(DIGESTS[found[1]], from_base64(found[2]))
