"""What is running: a lock that dies with its holder, and a record that says whom to ask and what to end.

The lock decides; the record only informs. So a record left by kill -9 is no obstacle, and two `up` at once cannot both
believe they are first.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from deploy.bare.places import write_json


@dataclass(frozen=True)
class Running:
    """The record of a platform.

    Attributes:
        supervisor: Process number and start time of the supervisor.
        url: The gateway's address.
        base_port: The gateway's port.
        events: Which event log it uses.
        cells: The districts that have a platform each, the first at `base_port`; empty: there is one for all.
        ready: Whether all processes have been ready since it started.
        processes: Process number and start time of each child.
    """

    supervisor: tuple[int, float]
    url: str
    base_port: int
    events: str
    cells: tuple[str, ...] = ()
    ready: bool = False
    processes: Mapping[str, tuple[int, float]] = field(default_factory=dict)


class AlreadyRunningError(Exception):
    """Another supervisor holds the lock."""


def identify(pid: int) -> tuple[int, float]:
    """Return a process number with its start time, which together name one process for ever.

    Args:
        pid: A process that may have ended already; its start time is then 0.
    """
    with suppress(psutil.Error):
        return pid, psutil.Process(pid).create_time()
    return pid, 0.0


@contextmanager
def hold_lock(run: Path) -> Iterator[None]:
    """Be the one supervisor of this checkout for the length of the block.

    Args:
        run: The folder of the lock.

    Raises:
        AlreadyRunningError: Another process is.
    """
    with (run / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunningError from error
        yield


def is_locked(run: Path) -> bool:
    """Say whether a supervisor is at work.

    Args:
        run: The folder of the lock; it may be missing.
    """
    if not (run / "lock").exists():
        return False
    with (run / "lock").open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def read_record(run: Path) -> Running | None:
    """Return the last record, or None when there is none.

    Args:
        run: The folder of the record.
    """
    try:
        content = json.loads((run / "platform.json").read_text())
    except FileNotFoundError:
        return None
    return Running(**content)


def running_now(run: Path) -> Running | None:
    """Return the record of the supervisor that is at work, or None when there is none.

    Args:
        run: The folder of lock and record.
    """
    record = read_record(run)
    if record is None or not is_locked(run) or _find(*record.supervisor) is None:
        return None
    return record


def write_record(run: Path, record: Running) -> None:
    """Write who runs now.

    Args:
        run: The folder of the record.
        record: What is true now.
    """
    write_json(run / "platform.json", asdict(record))


def forget(run: Path) -> None:
    """Remove the record, when all is stopped.

    Args:
        run: The folder of the record.
    """
    (run / "platform.json").unlink(missing_ok=True)


def survivors(record: Running | None) -> list[psutil.Process]:
    """Return the processes of a record that still run.

    Args:
        record: The record of a supervisor that is gone.
    """
    found = [_find(*identity) for identity in (record.processes.values() if record else ())]
    return [process for process in found if process is not None]


def _find(pid: int, started: float) -> psutil.Process | None:
    """Return the process if it still is the one that was written down; its number may have been given away."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        if abs(process.create_time() - started) < 1 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def end_survivors(record: Running | None, *, patience_s: float) -> None:
    """Wait for the children of a supervisor that is gone, then kill those that linger.

    Args:
        record: Its record.
        patience_s: How long they may take to notice, in seconds.
    """
    _, lingering = psutil.wait_procs(survivors(record), timeout=patience_s)
    for process in lingering:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(lingering, timeout=patience_s)
