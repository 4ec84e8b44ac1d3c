"""Looks for full id numbers (GB 11643) and mobile numbers in all that a run shows: responses, logs, events, traces.

The rules here are the scan's own, not those that the platform masks by: a fault in these must not hide itself. What
tests send in is input, and not looked at.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.outbox import _cloud_event

KINDS = {
    "response": ("应答", "responses"),
    "log": ("日志行", "log lines"),
    "event": ("事件", "events"),
    "trace": ("链路", "traces"),
}
MOBILE = re.compile(r"(?<![0-9A-Za-z.])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])", re.ASCII)
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z.])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])", re.ASCII)
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[bfnrt])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def is_id_number(text: str) -> bool:
    """Tell whether 18 characters are an id number: a day of birth, and the check character of GB 11643."""
    try:
        date.fromisoformat(text[6:14])
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return text[17].upper() == _CHECKS[total % 11]


def numbers_in(text: str) -> list[str]:
    """Return the full numbers of persons that a text shows, also beside a character that JSON escaped."""
    text = ESCAPE.sub(lambda escaped: chr(int(escaped[1] or "20", 16)), text)
    ids = [found for found in ID_NUMBER.findall(text) if is_id_number(found)]
    return ids + MOBILE.findall(text)


_EVENTS = "SELECT event_id, key, type, data::text AS data, traceparent, created_at FROM outbox"


@dataclass
class Scan:
    """Counts what was looked at, and keeps where a number was found, never the number.

    Attributes:
        scanned: By kind, how many.
        found: Where, as kind and place.
    """

    scanned: Counter[str] = field(default_factory=Counter)
    found: list[tuple[str, str]] = field(default_factory=list)
    _served: set[int] = field(default_factory=set)

    def look(self, kind: str, place: str, text: str) -> None:
        """Look at one response, log line, event or trace."""
        self.scanned[kind] += 1
        self.found += [(kind, place)] * len(numbers_in(text))

    def look_at_lines(self, place: str, text: str) -> None:
        """Look at the lines of a log."""
        for line in text.splitlines():
            self.look("log", place, line)

    def look_at_logs(self, folder: Path) -> None:
        """Look at the log files and audit records under a folder."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and (".log" in path.suffixes or path.suffix == ".jsonl"):
                self.look_at_lines(path.name, path.read_text("utf-8", "replace"))

    async def look_at_events(self, database: str) -> None:
        """Look at the events of a database, as they leave it."""
        connection = await asyncpg.connect(database)
        if await connection.fetchval("SELECT to_regclass('outbox')"):
            for row in await connection.fetch(_EVENTS):
                self.look("event", row["type"], _cloud_event("scan", SimpleNamespace(**row)).decode())
                self.look("trace", row["type"], row["traceparent"])
        await connection.close()

    def looked_at(self, app: ASGIApp, port: int, *, ours: bool) -> ASGIApp:
        """Return an app whose answers are looked at as they leave it, if it is ours."""
        self._served.add(port)
        if not ours:
            return app

        async def seen(scope: Scope, receive: Receive, send: Send) -> None:
            pieces: list[bytes] = []

            async def watched(message: Message) -> None:
                pieces.extend(b"%b: %b\n" % pair for pair in message.get("headers", ()))
                pieces.append(message.get("body", b""))
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    self.look("response", scope["path"], b"".join(pieces).decode("utf-8", "replace"))
                await send(message)

            await app(scope, receive, watched)

        return seen

    def hears(self, response: httpx.Response) -> None:
        """Look at an answer that was read whole, once, unless it was looked at as it left."""
        asked = response._request
        if asked is None or response.extensions.get("scanned") or asked.url.port in self._served:
            return
        response.extensions["scanned"] = True
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
        self.look("response", asked.url.path, f"{headers}\n{response.text}")

    def lines(self) -> list[str]:
        """Say how many of each kind were scanned, and how many numbers were found, and where."""
        counted = "，".join(f"{zh} {en} {self.scanned[kind]:,}" for kind, (zh, en) in KINDS.items())
        places = [f"  ✗ {kind}: {place}" for kind, place in sorted(set(self.found))]
        mark = "✗" if self.found else "✓"
        return [f"{mark} 已扫描 scanned {counted}；完整证件号或手机号 full ids or phones {len(self.found)}", *places]


RUN = Scan()
"""The scan of this test run."""
