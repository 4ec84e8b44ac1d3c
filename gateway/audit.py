"""One record per call, refused ones too: who, what, when, result, address, trace. Never a body, a query or a token.

Each process writes files of its own, one a day (UTC). A record names the hash of the one before it, and `gateway.seals`
signs the roots of the hashes: `python -m gateway.verify_audit` needs nothing but the files and the public key.
"""

import errno
import fcntl
import hashlib
import json
import os
import secrets
from collections import deque
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from prometheus_client import Gauge

log = structlog.get_logger()

PATH_SHOWN_MAX = 256
SPOOL_RECORDS_MAX = 100_000
"""How many records may wait for their seal to be kept before writes stop."""
GENESIS = "0" * 64
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
SPOOL = Gauge("linli_gateway_audit_spool_records", "Records whose seal is not kept in the database yet")


class Record(NamedTuple):
    """What is kept of a call.

    Attributes:
        trace_id: Leads to the logs of every process that had part in it.
        subject: Who, or nothing when it was not established.
        credential: How the caller showed who it is.
        method: Of HTTP.
        route: The route's public template, or nothing when there is none.
        path: As it was asked, without the query.
        status: Of the answer; 499 when the caller left before it came.
        outcome: `answered`, the kind of refusal, or how it broke off.
        address: Where the connection came from.
        ms: How long it took.
    """

    trace_id: str
    subject: str | None
    credential: str | None
    method: str
    route: str | None
    path: str
    status: int
    outcome: str
    address: str | None
    ms: float


def leaf_hash(line: bytes) -> bytes:
    """Return the hash of a record, a line without its break: SM3 (GB/T 32905) over 0x00 and the line (RFC 6962)."""
    return hashlib.new("sm3", b"\x00" + line).digest()


class Unsealed(NamedTuple):
    """A record that waits for its seal: its file, its number in the chain and its hash."""

    file: str
    number: int
    hash: bytes


class Audit:
    """Appends records to one file a day, each by a single write, chained by SM3.

    Attributes:
        instance: This process, as its files are named.
        unsealed: What waits for a seal, the oldest first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._day: date | None = None
        self._file = -1
        self._name = ""
        self._broken = False
        self._number = 0
        self._before = GENESIS
        self.instance = secrets.token_hex(6)
        self.unsealed: deque[Unsealed] = deque()
        self.waiting_for_store = 0
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self._folder

    @property
    def spooled(self) -> int:
        """How many records wait for their seal to be kept."""
        return len(self.unsealed) + self.waiting_for_store

    @property
    def failing(self) -> bool:
        """Whether writes must stop: the last record could not be written, or too many wait for their seal."""
        return self._broken or self.spooled >= SPOOL_RECORDS_MAX

    def append(self, record: Record) -> None:
        """Write down a call."""
        self.note("call", record._asdict())

    def note(self, kind: str, facts: Mapping[str, Any]) -> None:
        """Write down what happened: `call`, or `change` of what is in force."""
        now = datetime.now(UTC)
        head = {"at": now.isoformat(timespec="milliseconds"), "kind": kind, "number": self._number + 1}
        line = _encode({**head, "before": self._before, **facts})
        data = line.encode("utf-8", "backslashreplace")
        try:
            if now.date() != self._day:
                self._turn_to(now.date())
            self._write(data + b"\n")
        except OSError as error:
            self._broken = True
            log.critical("audit record not written", error=repr(error), trace_id=facts.get("trace_id"))
            self.close()  # and opened anew for the next record
            return
        self._broken = False
        digest = leaf_hash(data)
        self._number, self._before = self._number + 1, digest.hex()
        self.unsealed.append(Unsealed(self._name, self._number, digest))

    def _write(self, line: bytes) -> None:
        """Write all of a line, or nothing: the next one would go on where half of it ends."""
        written = os.write(self._file, line)
        if written != len(line):
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _turn_to(self, day: date) -> None:
        self.sync()  # what waits for a seal is on the disk before it is sealed, also what is in the file of yesterday
        name = f"audit-{day.isoformat()}.{self.instance}.jsonl"
        opened = os.open(self._folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        # As long as we live nobody takes our files for left behind.
        fcntl.flock(opened, fcntl.LOCK_SH)
        self.close()
        self._file, self._day, self._name = opened, day, name

    def sync(self) -> None:
        """Wait until what was written is on the disk.

        Raises:
            OSError: It cannot be put there.
        """
        if self._day is not None:
            os.fdatasync(self._file)

    def close(self) -> None:
        """Close the file."""
        if self._day is not None:
            os.close(self._file)
            self._day = None
