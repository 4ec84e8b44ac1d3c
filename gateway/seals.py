"""Seals over the audit: a signed Merkle root per stretch of records, chained, kept beside them and in the database.

While the database is away the seals stay in their file and the records count as spooled; with too many, writes stop.
"""

import asyncio
import base64
import hashlib
import json
import os
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice, takewhile
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy.dialects.postgresql import insert

from gateway.audit import GENESIS, SPOOL, Audit, Unsealed
from gateway.left_behind import left_behind
from gateway.tables import AuditSeal
from shared.database import Database

SEAL_EVERY_S = 1.0
RECORDS_MAX = 4096
STORE_TIMEOUT_S = 2.0
PURPOSE = b"linli-audit-seal\n"
"""What is signed begins with this, so that no signature made for something else passes for a seal."""

log = structlog.get_logger()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of a tree of hashes: SM3 over 0x01 and both children; a lone last one moves up (RFC 6962)."""
    level = list(leaves)
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [hashlib.new("sm3", b"\x01" + b"".join(p)).digest() if len(p) > 1 else p[0] for p in pairs]
    return level[0]


def canonical(seal: dict[str, Any]) -> bytes:
    """Return the bytes that are signed of a seal: its members but the signature, sorted, without spaces."""
    unsigned = {name: value for name, value in seal.items() if name != "signature"}
    return PURPOSE + json.dumps(unsigned, sort_keys=True, separators=(",", ":")).encode()


class Sealer:
    """Seals an audit's records while the process lives."""

    def __init__(self, audit: Audit, private_key: str, database: Database) -> None:
        key = load_pem_private_key(private_key.encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("a seal is signed with an EC key")
        self._audit = audit
        self._key = key
        self._database = database
        self._before = GENESIS
        self._unstored: deque[dict[str, Any]] = deque()

    async def run(self) -> None:
        """Seal what a killed process left behind, then what comes, until cancelled and once more at the end."""
        try:
            await asyncio.to_thread(self._adopt)
        except OSError as error:
            log.critical("audit left behind not sealed", error=repr(error))
        try:
            while True:
                await asyncio.sleep(SEAL_EVERY_S)
                await self.seal()
        finally:
            await self.seal()

    def _adopt(self) -> None:
        with left_behind(self._audit.folder, canonical) as trails:
            for trail in trails:
                before, waiting = trail.before, deque(trail.unsealed)
                log.warning("audit left behind", file=waiting[0].file, records=len(waiting))
                while waiting:
                    before = self._seal_stretch(waiting, before)

    async def seal(self) -> None:
        """Seal what waits, and bring the seals to the database; what fails is tried again next time."""
        try:
            while self._audit.unsealed:
                await asyncio.to_thread(self._audit.sync)
                self._before = self._seal_stretch(self._audit.unsealed, self._before)
        except OSError as error:
            log.critical("audit not sealed", error=repr(error), waiting=len(self._audit.unsealed))
        try:
            async with asyncio.timeout(STORE_TIMEOUT_S):
                await self._store()
        except Exception as error:  # noqa: BLE001 - whatever it is, the seals stand in their file
            log.warning("seals spooled", error=type(error).__name__, records=self._audit.waiting_for_store)
        SPOOL.set(self._audit.spooled)

    def _seal_stretch(self, waiting: deque[Unsealed], before: str) -> str:
        """Seal the first stretch of what waits; returns the hash that the next seal names."""
        file = waiting[0].file
        stretch = list(islice(takewhile(lambda each: each.file == file, waiting), RECORDS_MAX))
        seal = self._signed(stretch, before)
        self._write(file, seal)
        for _ in stretch:
            waiting.popleft()
        self._unstored.append(seal)
        self._audit.waiting_for_store += len(stretch)
        return hashlib.new("sm3", canonical(seal)).hexdigest()

    def _signed(self, stretch: Sequence[Unsealed], before: str) -> dict[str, Any]:
        seal: dict[str, Any] = {
            "file": stretch[0].file,
            "first": stretch[0].number,
            "last": stretch[-1].number,
            "root": merkle_root([each.hash for each in stretch]).hex(),
            "head": stretch[-1].hash.hex(),
            "before": before,
            "sealed_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        signature = self._key.sign(canonical(seal), ec.ECDSA(SHA256()))
        return {**seal, "signature": base64.b64encode(signature).decode()}

    def _write(self, file: str, seal: dict[str, Any]) -> None:
        path = self._audit.folder / f"{file.removesuffix('.jsonl')}.seals"
        opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(opened, json.dumps(seal).encode() + b"\n")
            os.fdatasync(opened)
        finally:
            os.close(opened)

    async def _store(self) -> None:
        if not self._unstored:
            return
        seals = list(self._unstored)
        async with self._database.transaction() as session:
            # A commit whose answer was lost has been done: the same seals are there already.
            await session.execute(insert(AuditSeal).on_conflict_do_nothing(), [_row(seal) for seal in seals])
        for seal in seals:
            self._unstored.popleft()
            self._audit.waiting_for_store -= seal["last"] - seal["first"] + 1


def _row(seal: dict[str, Any]) -> dict[str, Any]:
    return {**seal, "sealed_at": datetime.fromisoformat(seal["sealed_at"])}
