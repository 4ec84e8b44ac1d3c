"""What a sealed book is made of: canonical records, their hashes, the chain over them and each window's Merkle tree.

The tree is that of RFC 6962: leaves and nodes are hashed under different prefixes, so that neither passes for the
other. `verifier/` says the same in code of its own; docs/decisions/0007-proof.md says it in words.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from shared.errors import Conflict, Unseen

VERSION = 1
GENESIS = bytes(32)
BACKDATING_MAX = timedelta(days=7)
"""How far back what is posted late, such as a voucher taken without a network, may take effect."""

_LEAF, _NODE, _LINK = b"\x00", b"\x01", b"\x02"
_SIGNATURE = ec.ECDSA(SHA256())


@dataclass(kw_only=True, eq=False)
class NoSuchTransfer(Unseen):
    """The book has no such transfer, or none that the caller may see."""

    type = "transfer-unknown"
    title = "未找到该笔流水"
    title_en = "No such transfer"
    detail = "社区 {community_code} 的账本中没有您可查看的流水 {transfer_id}。"
    detail_en = "The book of {community_code} has no transfer {transfer_id} that you may see."

    community_code: str
    transfer_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class NotYetSealed(Conflict):
    """The transfer is in the book, and its window has not been sealed yet."""

    type = "not-yet-sealed"
    title = "该笔流水尚未封账"
    title_en = "Not yet sealed"
    detail = "流水 {transfer_id} 已入账，通常在一分钟内封账；请稍后再取证明。"
    detail_en = (
        "Transfer {transfer_id} is posted and will be sealed, as a rule within a minute; ask for its proof then."
    )

    transfer_id: uuid.UUID


class BrokenSealError(Exception):
    """A seal does not say what the records, the seal before it, or a trusted key say."""


@dataclass(frozen=True, slots=True)
class SealedWindow:
    """What a seal says of one window of a book.

    Attributes:
        community_code: Whose book.
        number: Of the window, from 1.
        first: The position in the chain of its first record, from 1.
        count: How many records it has.
        previous: The chain's head before it.
        head: The chain's head after it.
        root: The root of its Merkle tree.
        up_to: Nothing that is posted later takes effect at or before this time.
        sealed_at: When it was sealed.
    """

    community_code: str
    number: int
    first: int
    count: int
    previous: bytes
    head: bytes
    root: bytes
    up_to: datetime
    sealed_at: datetime

    def statement(self) -> bytes:
        """Return what is signed."""
        hashes = {"previous": self.previous.hex(), "head": self.head.hex(), "root": self.root.hex()}
        times = {"up_to": timestamp(self.up_to), "sealed_at": timestamp(self.sealed_at)}
        window = {"number": self.number, "first": self.first, "count": self.count}
        names = {"type": "seal", "version": VERSION, "community_code": self.community_code}
        return canonical({**names, **window, **hashes, **times})


def canonical(record: Mapping[str, Any]) -> bytes:
    """Return a record's bytes: JSON in UTF-8 with sorted names, no spaces, integers and text alone."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def timestamp(moment: datetime) -> str:
    """Write a time as records do: UTC, with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def leaf_hash(record: bytes) -> bytes:
    """Hash a record."""
    return hashlib.sha256(_LEAF + record).digest()


def linked(head: bytes, leaves: Iterable[bytes]) -> bytes:
    """Return the head of the chain after these leaves' hashes."""
    for leaf in leaves:
        head = hashlib.sha256(_LINK + head + leaf).digest()
    return head


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of one leaf or more."""
    level = list(leaves)
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def merkle_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from the leaf at an index, from 0, to the root."""
    path, level = [], list(leaves)
    while len(level) > 1:
        if (sibling := index ^ 1) < len(level):
            path.append(level[sibling])
        level, index = _level_above(level), index // 2
    return path


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    """Hash pairs; one that is left over rises as it is, which gives RFC 6962's tree."""
    pairs = zip(level[::2], level[1::2], strict=False)
    return [hashlib.sha256(_NODE + a + b).digest() for a, b in pairs] + list(level[len(level) & ~1 :])


def close_window(
    before: SealedWindow | None, community_code: str, records: Sequence[bytes], now: datetime
) -> SealedWindow:
    """Seal a book's next records, one or more, behind its last window."""
    leaves = [leaf_hash(record) for record in records]
    previous = before.head if before else GENESIS
    return SealedWindow(
        community_code,
        before.number + 1 if before else 1,
        before.first + before.count if before else 1,
        len(records),
        previous,
        linked(previous, leaves),
        merkle_root(leaves),
        max(now - BACKDATING_MAX, before.up_to) if before else now - BACKDATING_MAX,
        now,
    )


def check_window(before: SealedWindow | None, window: SealedWindow, records: Sequence[bytes]) -> None:
    """Hold a window against its records and the window before it.

    Raises:
        BrokenSealError: It is not what sealing these records there gives.
    """
    if not records or (again := close_window(before, window.community_code, records, window.sealed_at)) != window:
        wrong = [name for name in SealedWindow.__slots__ if records and getattr(again, name) != getattr(window, name)]
        raise BrokenSealError(f"window {window.number}: {', '.join(wrong) or 'no records'}")


class SealingKey:
    """The platform's key (ECDSA, P-256), in PEM."""

    def __init__(self, private_key: str) -> None:
        key = load_pem_private_key(private_key.encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("seals are signed with an elliptic-curve key")
        self._key = key
        self.public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, statement: bytes) -> bytes:
        """Sign a statement."""
        return self._key.sign(statement, _SIGNATURE)


def is_signed(statement: bytes, signature: bytes, public_key: str) -> bool:
    """Tell whether a statement was signed by the owner of a public key, in PEM."""
    key = load_pem_public_key(public_key.encode())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(signature, statement, _SIGNATURE)
    except InvalidSignature:
        return False
    return True
