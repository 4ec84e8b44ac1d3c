"""A whole book, line by line: each record is linked to the one before it, each window closed by a signed seal."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from verifier.merkle import GENESIS, leaf_hash, linked, root_of
from verifier.seals import VERSION, Json, UnfitError, canonical, check_signature


@dataclass(slots=True)
class Book:
    """How far a book has been read, and found good.

    Attributes:
        keys: Those that are trusted.
        community_code: Whose book it is.
        head: The chain's head.
        records: How many records were read.
        windows: How many windows were.
        up_to: What the last seal says of when later entries may take effect.
    """

    keys: Sequence[ec.EllipticCurvePublicKey]
    community_code: str = ""
    head: bytes = GENESIS
    records: int = 0
    windows: int = 0
    up_to: str = ""
    ended: bool = False
    _leaves: list[bytes] = field(default_factory=list)
    _sealed_head: bytes = GENESIS

    def read(self, line: bytes) -> None:
        """Take the next line in.

        Raises:
            UnfitError: It does not follow from those before it.
        """
        value = _json(line)
        if self.ended:
            raise UnfitError("something follows the end")
        if not self.community_code:
            self._begin(value)
        elif "record" in value:
            self._link(value)
        elif "seal" in value:
            self._close(value)
        else:
            self._end(value)

    def _begin(self, value: Json) -> None:
        self.community_code = str(value["community_code"])
        if value != {"format": "linli-book", "version": VERSION, "community_code": self.community_code}:
            raise UnfitError(f"this is no book of version {VERSION}")

    def _link(self, value: Json) -> None:
        leaf = leaf_hash(canonical(value["record"]))
        self.head = linked(self.head, leaf)
        if value.get("chain") != self.head.hex():
            raise UnfitError(f"record {self.records + 1} ({value['record'].get('id')}) does not fit the chain")
        if value["record"].get("community_code") != self.community_code:
            raise UnfitError(f"record {self.records + 1} is of another community's book")
        self._leaves.append(leaf)
        self.records += 1

    def _close(self, value: Json) -> None:
        number, seal = self.windows + 1, value["seal"]
        if not self._leaves:
            raise UnfitError(f"window {number} has no records")
        found = {
            "community_code": self.community_code,
            "number": number,
            "first": self.records - len(self._leaves) + 1,
            "count": len(self._leaves),
            "previous": self._sealed_head.hex(),
            "head": self.head.hex(),
            "root": root_of(self._leaves).hex(),
        }
        if wrong := [name for name, what in found.items() if seal.get(name) != what]:
            raise UnfitError(f"the seal of window {number} does not fit its records: {', '.join(wrong)}")
        try:
            check_signature(seal, str(value.get("signature")), self.keys)
        except UnfitError as error:
            raise UnfitError(f"window {number}: {error}") from error
        if seal.get("up_to", "") < self.up_to:
            raise UnfitError(f"the seal of window {number} opens again what was sealed")
        self.up_to, self.windows, self._sealed_head = seal["up_to"], number, self.head
        self._leaves = []

    def _end(self, value: Json) -> None:
        if self._leaves:
            raise UnfitError(f"the last {len(self._leaves)} records have no seal")
        if value != {"end": {"records": self.records, "windows": self.windows}}:
            raise UnfitError(f"the end does not speak of {self.records} records in {self.windows} windows")
        self.ended = True


def check_book(lines: Iterable[bytes], keys: Sequence[ec.EllipticCurvePublicKey]) -> Book:
    """Hold an exported book against its chain and its seals.

    Raises:
        UnfitError: The message names the first line, and the record in it, that does not fit.
    """
    book = Book(keys)
    number = 0
    for number, line in enumerate(lines, start=1):
        try:
            book.read(line)
        except UnfitError as error:
            raise UnfitError(f"line {number}: {error}") from error
        except (KeyError, AttributeError, TypeError, ValueError) as error:
            raise UnfitError(f"line {number}: not a line of a book: {error!r}") from error
    if not book.ended:
        raise UnfitError(f"line {number + 1}: the book breaks off")
    return book


def _json(line: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnfitError("this is not JSON") from error
    if canonical(value) + b"\n" != line:
        raise UnfitError("this is not how the line was written")
    return value
