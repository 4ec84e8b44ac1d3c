"""What of an answer its caller may see, by the levels that the services tag their fields with (G9).

A caller sees up to a level: residents what is theirs, staff L2, an application what two persons granted it. What is
above is masked, and still fits the description: a text by its rule, an id by a pseudonym that only this caller knows it
by. L4 is refused to applications. A clerk or an official who must see more says why, and the reason is on record.
"""

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import unquote

from pyreqwest.response import ResponseBodyReader

from gateway.audit import Audit
from gateway.call import Call
from gateway.outages import AuditAway
from gateway.refusals import FieldsClosed, RevealRefused
from gateway.routes import DESK, OFFICIAL, RESIDENT, STAFF
from shared.fields import LEVEL, MASK
from shared.masking import MASKS, scrub

REVEAL = b"linli-reveal"
REVEALERS = frozenset({DESK, OFFICIAL})
CLOSED = "L4"
JSON = "application/json"
IN_HOUSE = frozenset({*STAFF, "auditor", "administrator"})
VEILED_MAX_BYTES = 16 * 1024 * 1024
_KNOWN_BY = re.compile(r"([A-Za-z-]+[:/])?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
"""An id, a subject or a reference of FHIR; a text that only mentions an id is a text, and masked as one."""

Document = dict[str, Any]
Veil = Callable[[bytes], bytes]
"""Takes an answer and gives it as far as its caller may see it."""


@dataclass(slots=True)
class _Node:
    """A place in an answer.

    Attributes:
        level: Of what stands there; L1 when nothing is said.
        mask: The rule to mask it by.
        members: The places in it, by name.
        each: The place of each of its items, or of its values when they have no names of their own.
    """

    level: str = "L1"
    mask: str = "other"
    members: dict[str, "_Node"] = field(default_factory=dict)
    each: "_Node | None" = None


class Sight(NamedTuple):
    """Up to which level a caller sees, the key of the pseudonyms that it knows others by, and its own names."""

    level: str
    key: bytes
    own: frozenset[str]


class Disclosure:
    """What an operation's good answers hold that is not open to all.

    Args:
        answers: As OpenAPI describes them, by status.
        schemas: What their references lead to, by name.

    Attributes:
        whole: The level of what it answers in another form than JSON: it is given whole, or not at all.
        levels: Above L1, those that are there.
    """

    def __init__(self, answers: Mapping[str, Document], schemas: Mapping[str, Document]) -> None:
        self._schemas = schemas
        self._named: dict[str, _Node] = {}
        self._root = _Node()
        self.whole = "L1"
        good = [each.get("content", {}) for status, each in answers.items() if status.startswith("2")]
        for kind, content in ((kind, content) for each in good for kind, content in each.items()):
            if kind == JSON:
                self._fill(self._root, content.get("schema", {}))
            else:
                self.whole = max(self.whole, content.get("schema", {}).get(LEVEL, "L1"))
        self.levels = frozenset({*_levels(self._root, set()), self.whole} - {"L1"})

    def _fill(self, node: _Node, schema: Document) -> None:
        node.level, node.mask = max(node.level, schema.get(LEVEL, "L1")), schema.get(MASK, node.mask)
        for option in schema.get("anyOf", ()):
            self._fill(node, option)
        if "$ref" in schema:
            _join(node, self._of_name(schema["$ref"].rpartition("/")[2]))
        for name, member in schema.get("properties", {}).items():
            self._fill(node.members.setdefault(name, _Node()), member)
        within = schema.get("items") or schema.get("additionalProperties")
        if isinstance(within, dict):
            node.each = node.each or _Node()
            self._fill(node.each, within)

    def _of_name(self, name: str) -> _Node:
        if name not in self._named:
            self._named[name] = node = _Node()
            self._fill(node, self._schemas[name])
        return self._named[name]

    def masked(self, sight: Sight, body: bytes) -> bytes:
        """Return an answer as far as it may be seen.

        Raises:
            ValueError: It is no JSON.
        """
        seen = _seen(json.loads(body), self._root, sight)
        return json.dumps(seen, ensure_ascii=False, separators=(",", ":")).encode()


def _join(node: _Node, other: _Node) -> None:
    """Let a place be what another is too; where both say something, the stricter holds."""
    if other.level > node.level:
        node.level, node.mask = other.level, other.mask
    if not node.members:
        node.members = other.members  # the same, for it may still grow: a schema can hold itself
    else:
        node.members = dict(node.members)
        for name, member in other.members.items():
            node.members[name] = own = replace(node.members.get(name, _Node()))
            _join(own, member)
    node.each = node.each or other.each


def _levels(node: _Node, known: set[int]) -> Iterable[str]:
    if id(node) in known:
        return
    known.add(id(node))
    if node.level > "L1":
        yield node.level
    for each in (*node.members.values(), *filter(None, [node.each])):
        yield from _levels(each, known)


def _seen(value: Any, node: _Node, sight: Sight) -> Any:  # noqa: ANN401 - JSON
    if node.level > sight.level:
        return hidden(value, node.mask, sight.key)
    if isinstance(value, dict):
        return {name: _member(each, node.members.get(name, node.each), sight, value) for name, each in value.items()}
    if isinstance(value, list) and node.each:
        return [_seen(item, node.each, sight) for item in value]
    return value


def _member(value: Any, node: _Node | None, sight: Sight, within: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if node is None or (node.level > sight.level and _is_about(within, sight)):
        return value
    return _seen(value, node, sight)


def _is_about(facts: Mapping[str, Any], sight: Sight) -> bool:
    """Tell whether an object names the caller itself: what it says is the caller's own."""
    return any(isinstance(each, str) and each in sight.own for each in facts.values())


def hidden(value: Any, mask: str, key: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return what is seen of a value that is not open: of a text its mask, of an id a pseudonym, of others nothing."""
    if isinstance(value, str):
        found = _KNOWN_BY.fullmatch(value)
        return f"{found[1] or ''}{pseudonym(found[2], key)}" if found else MASKS[mask](value)
    return type(value)() if isinstance(value, dict | list) else None


def sight_key(key: bytes, subject: str) -> bytes:
    """Return the key of the pseudonyms that one caller knows others by, in answers and in data packages alike."""
    return hmac.digest(key, subject.encode(), hashlib.sha256)


def pseudonym(known_as: str, key: bytes) -> str:
    """Return by what id one caller, and no other, knows somebody: the same each time, and nothing leads back."""
    return str(uuid.UUID(bytes=hmac.digest(key, known_as.encode(), hashlib.sha256)[:16], version=4))


async def veiled(veil: Veil, reader: ResponseBodyReader) -> bytes:
    """Read an answer whole and mask it.

    Raises:
        ValueError: It is too long, or not what its service describes; nothing of it is shown.
    """
    body = bytearray()
    while (piece := await reader.read_chunk()) is not None:
        body += bytes(piece)
        if len(body) > VEILED_MAX_BYTES:
            raise ValueError(VEILED_MAX_BYTES)
    return veil(bytes(body)) if body else b""


class Discloser:
    """Decides who sees how much, and writes down who saw more, and why.

    Args:
        key: What the pseudonyms are made with; all replicas have the same.
        audit: Where a reveal is written down.
    """

    def __init__(self, key: bytes, audit: Audit) -> None:
        self._key = key
        self._audit = audit

    def veil(self, call: Call, disclosure: Disclosure) -> Veil | None:
        """Return what masks an operation's good answer for the caller; nothing when all of it is open to it.

        Raises:
            FieldsClosed: An application asks for what is opened to none, or not to it and cannot be masked.
            RevealRefused: The caller wants to see more than its role may.
            AuditAway: It may, and that cannot be written down.
        """
        if not disclosure.levels:
            return None
        if call.caller is None or call.identity is None or call.route is None:
            raise TypeError("what is seen is decided after the caller is authorized")
        application, roles = call.caller.application, {held.role for held in call.identity.roles}
        if application and CLOSED in disclosure.levels and not call.route.writes:
            raise FieldsClosed(level=CLOSED)
        if REVEAL in call.headers:
            if application or not roles & REVEALERS:
                raise RevealRefused(roles="、".join(sorted(REVEALERS)))
            self._note(call, disclosure)
            return None
        if application and application.consent_version is not None and not call.residents:
            level = "L1"
        elif application:
            level = application.level(call.route.operation, datetime.now(UTC))
        else:
            level = CLOSED if roles == {RESIDENT} else "L2" if roles & IN_HOUSE else "L1"
        if level < disclosure.whole:
            raise FieldsClosed(level=disclosure.whole)
        if level >= max(disclosure.levels):
            return None
        subject = call.identity.subject
        key = sight_key(self._key, subject)
        # Staff stand in records about others, as who wrote them.
        own = frozenset() if application or roles & IN_HOUSE else frozenset((subject, subject.partition(":")[2]))
        return partial(disclosure.masked, Sight(level, key, own))

    def _note(self, call: Call, disclosure: Disclosure) -> None:
        reason = scrub(unquote(call.headers[REVEAL].decode("latin-1")))
        levels = sorted(disclosure.levels)
        self._audit.note("reveal", {**call.about(), "levels": levels, "reason": reason})
        if self._audit.failing:
            raise AuditAway
