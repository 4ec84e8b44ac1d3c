"""The signature debugger: the string that the gateway signs of a call beside the one that a client signed.

No secret is asked for: where the strings agree and the signature does not, the secret is another.
"""

from dataclasses import dataclass

from gateway import framing
from gateway.dialects.core import Request
from gateway.dialects.known import spoken
from shared.errors import Refusal

_NO_DIALECT = (
    "请求头中没有（或有多种）签名；五种写法见网关说明。 "
    "The headers hold no signature, or more than one; the gateway's README lists the five dialects."
)
_NO_HEAD = (
    "第一行应为“方法 路径”，如 GET /v1/points/corridors?a=1；其后每行一个请求头。 The first line is METHOD and path."
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the gateway reads a call.

    Attributes:
        dialect: The one that its headers speak.
        text: The string to sign; nothing when it is refused.
        refusal: Why, in Chinese and English.
    """

    dialect: str = ""
    text: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two strings part: line and column from 1, and what stands there in each."""

    line: int
    column: int
    ours: str
    theirs: str


def read(call: str) -> Reading:
    """Read a call as the door does, from its first line and its headers as they were sent.

    Args:
        call: `METHOD path?query`, then a header a line.
    """
    head, *lines = call.strip().splitlines() or [""]
    method, _, rest = head.partition(" ")
    target = rest.split(" ")[0]
    if not method.isalpha() or not target.startswith("/"):
        return Reading(refusal=_NO_HEAD)
    path, _, query = target.partition("?")
    parted = [line.partition(":") for line in lines if line.strip()]
    headers = [(name.strip().lower().encode(), value.strip().encode()) for name, _, value in parted]
    try:
        received = framing.check({"raw_path": path.encode(), "query_string": query.encode(), "headers": headers})
        dialects = spoken(received)
        if len(dialects) != 1:
            return Reading(refusal=_NO_DIALECT)
        signed = dialects.pop()(Request(method.upper(), path.encode(), query.encode(), received))
    except Refusal as refusal:
        facts = refusal.facts()
        return Reading(refusal=f"{refusal.detail.format(**facts)} {refusal.detail_en.format(**facts)}")
    return Reading(signed.dialect, signed.text.decode("utf-8", "backslashreplace"))


def difference(ours: str, theirs: str) -> Difference | None:
    """Return the first place where two strings part, if they do; a browser's line breaks are those of the string."""
    theirs = theirs.replace("\r\n", "\n")
    for at, (our, their) in enumerate(zip(f"{ours}\0", f"{theirs}\0", strict=False)):
        if our != their:
            before = ours[:at]
            return Difference(before.count("\n") + 1, at - before.rfind("\n"), _shown(our), _shown(their))
    return None


def _shown(character: str) -> str:
    return {"\0": "（结束 end）", "\n": "↵", " ": "␣", "\r": "␍", "\t": "⇥"}.get(character, character)
