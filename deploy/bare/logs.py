"""The log files: bounded in size, their ends shown when something fails, followed by `./linli logs`."""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

FILE_SIZE_MAX_BYTES = 16 * 1024 * 1024
BLOCK_BYTES = 64 * 1024
POLL_INTERVAL_S = 0.3


def rotate(folder: Path, *, size_max_bytes: int = FILE_SIZE_MAX_BYTES) -> None:
    """Move the content of full log files to `<name>.log.1`, which drops what was there.

    The processes append to the open file, so it is copied and emptied in place. A line that arrives between the two
    is lost; handing every line through the supervisor instead would cost it a core under load.

    Args:
        folder: The log folder.
        size_max_bytes: Above this a file is full.
    """
    for log in folder.glob("*.log"):
        if log.stat().st_size > size_max_bytes:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)


def tail(log: Path, lines_max: int) -> list[str]:
    """Return the last lines of a log.

    Args:
        log: The file; it may be missing.
        lines_max: How many lines at most; very long ones count for several.
    """
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - BLOCK_BYTES))
        return file.read().decode(errors="replace").splitlines()[-lines_max:]


class Follower:
    """Reads what is appended to a file since the last look.

    Attributes:
        log: The file; it may appear later, and shrink.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self._position = log.stat().st_size if log.exists() else 0
        self._rest = b""

    def new_lines(self) -> list[str]:
        """Return the whole lines that have been added."""
        if not self.log.exists():
            return []
        with self.log.open("rb") as file:
            if file.seek(0, os.SEEK_END) < self._position:  # rotated
                self._position, self._rest = 0, b""
            file.seek(self._position)
            added = file.read()
            self._position = file.tell()
        *lines, self._rest = (self._rest + added).split(b"\n")
        return [line.decode(errors="replace") for line in lines]


def follow(logs: Iterable[Path], lines_max: int) -> Iterator[str]:
    """Yield the ends of some logs and then, without end, what is added to them.

    Args:
        logs: The files; with several, each line carries the name of its process.
        lines_max: How many old lines of each.
    """
    followers = [Follower(log) for log in logs]
    named = len(followers) > 1
    for follower in followers:
        yield from _named(follower.log, tail(follower.log, lines_max), named=named)
    while True:
        for follower in followers:
            yield from _named(follower.log, follower.new_lines(), named=named)
        time.sleep(POLL_INTERVAL_S)


def _named(log: Path, lines: list[str], *, named: bool) -> list[str]:
    return [f"{log.stem:<17} │ {line}" for line in lines] if named else lines
