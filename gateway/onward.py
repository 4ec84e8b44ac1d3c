"""What goes on to a service: a signed identity, the trace, the deadline, and of the caller's headers only a few.

The list is of what passes, not of what is stripped: hop-by-hop headers, credentials, forwarded addresses and forged
internal headers never get a chance.
"""

from collections import OrderedDict
from collections.abc import Mapping

from shared.identity import HEADER, Identity, IdentitySigner
from shared.telemetry import Trace

PASSED = (
    b"accept",
    b"accept-encoding",
    b"accept-language",
    b"content-type",
    b"content-encoding",
    b"idempotency-key",
    b"if-match",
    b"if-none-match",
    b"range",
)
NOT_PASSED_BACK = frozenset(
    (
        "connection",
        "date",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
FRESH_S = 30
"""An identity token lives 60 s and is used for 30 s, so that it has at least 30 s left when it arrives."""
TOKENS_MAX = 8192


class IdentityTokens:
    """Signs identities for the services; one token is used again while it is fresh, so that services need not check."""

    def __init__(self, signer: IdentitySigner) -> None:
        self._signer = signer
        self._fresh: OrderedDict[tuple[Identity, str], tuple[float, str]] = OrderedDict()

    def token(self, identity: Identity, service: str, now: float) -> str:
        """Return a token that tells the service who calls (`now` is Unix time)."""
        key = (identity, service)
        known = self._fresh.get(key)
        if known and known[0] > now:
            return known[1]
        token = self._signer.sign(identity, service, now=now)
        self._fresh[key] = (now + FRESH_S, token)
        if len(self._fresh) > TOKENS_MAX:
            self._fresh.popitem(last=False)
        return token


def headers_onward(
    received: Mapping[bytes, bytes], identity_token: str, trace: Trace, remaining_s: float
) -> list[tuple[str, str]]:
    """Return the headers of the call to the service."""
    return [
        *((name.decode(), received[name].decode("latin-1")) for name in PASSED if name in received),
        ("user-agent", "linli-gateway"),
        (HEADER, identity_token),
        ("traceparent", trace.traceparent),
        *([("tracestate", trace.state)] if trace.state else []),
        ("linli-deadline-ms", str(int(remaining_s * 1000))),
    ]
