"""One record per call, refused ones too: who, what, when, result, address, trace. Never a body, a query or a token."""

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import structlog

log = structlog.get_logger()

PATH_SHOWN_MAX = 256


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


class Audit:
    """Appends records to one file a day (UTC), each by a single write.

    Attributes:
        failing: Whether the last record could not be written; writes are refused until one can.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._day: date | None = None
        self._file = -1
        self.failing = False
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def append(self, record: Record) -> None:
        """Write a record down."""
        now = datetime.now(UTC)
        line = json.dumps({"at": now.isoformat(timespec="milliseconds"), **record._asdict()}, ensure_ascii=False) + "\n"
        data = line.encode("utf-8", "backslashreplace")
        try:
            if now.date() != self._day:
                self._turn_to(now.date())
            # With O_APPEND a single write lands whole behind what other processes wrote.
            self.failing = os.write(self._file, data) != len(data)
        except OSError as error:
            self.failing = True
            log.critical("audit record not written", error=repr(error), trace_id=record.trace_id)

    def _turn_to(self, day: date) -> None:
        path = self._folder / f"audit-{day.isoformat()}.jsonl"
        opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.close()
        self._file, self._day = opened, day

    def close(self) -> None:
        """Close the file."""
        if self._day is not None:
            os.close(self._file)
            self._day = None
