"""What a process that was killed left unsealed in the audit: found at the next start, held on to, and checked.

A process holds its files as long as it lives (`gateway.audit`), so a file that nobody holds is nobody's. What follows
its last seal is taken as far as it is a chain: each record names the one before it.
"""

import fcntl
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from gateway.audit import GENESIS, Unsealed, leaf_hash

TAIL_BYTES = 64 * 1024

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Trail:
    """The records of one process that has ended, beyond its last seal.

    Attributes:
        before: The hash of that seal.
        unsealed: The records, the oldest first.
    """

    before: str
    unsealed: list[Unsealed]


@contextmanager
def left_behind(folder: Path, canonical: Callable[[dict[str, Any]], bytes]) -> Iterator[list[Trail]]:
    """Give the trails in a folder, and keep other processes from them for as long as the block lasts."""
    instances: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.glob("audit-*.*.jsonl")):
        instances[path.name.split(".")[1]].append(path)
    with ExitStack() as held:
        trails = [_trail(paths, canonical) for paths in instances.values() if _take(paths, held)]
        yield [trail for trail in trails if trail and trail.unsealed]


def _take(paths: list[Path], held: ExitStack) -> bool:
    for path in paths:
        opened = os.open(path, os.O_RDONLY)
        held.callback(os.close, opened)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _trail(paths: list[Path], canonical: Callable[[dict[str, Any]], bytes]) -> Trail | None:
    seals = [path.with_suffix(".seals") for path in paths if path.with_suffix(".seals").exists()]
    seal = _last(seals[-1]) if seals else dict[str, Any](last=0, head=GENESIS)
    newest = _last(paths[-1])
    if seal is None or newest is None or "number" not in newest or newest["number"] <= seal["last"]:
        return None
    before = hashlib.new("sm3", canonical(seal)).hexdigest() if seals else GENESIS
    return Trail(before, _beyond(paths, seal["last"], seal["head"]))


def _last(path: Path) -> dict[str, Any] | None:
    """Return the last whole line of a file of JSON lines, if it has one."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        whole = file.read().split(b"\n")[:-1]
    try:
        found: dict[str, Any] = json.loads(whole[-1])
    except (IndexError, ValueError):
        return None
    return found


def _beyond(paths: list[Path], sealed: int, head: str) -> list[Unsealed]:
    found: list[Unsealed] = []
    number = 0
    for path in paths:
        for line in path.read_bytes().split(b"\n")[:-1]:
            number += 1
            if number <= sealed:
                continue
            if _before(line) != head:
                log.critical("audit broken off: what follows stays unsealed", file=path.name, number=number)
                return found[:-1]  # either of the two was altered
            digest = leaf_hash(line)
            found.append(Unsealed(path.name, number, digest))
            head = digest.hex()
    return found


def _before(line: bytes) -> str | None:
    try:
        return str(json.loads(line)["before"])
    except (ValueError, KeyError, TypeError):
        return None
