"""Run the platform in the background, and show its start until it is ready."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.bare.logs import Follower

POLL_INTERVAL_S = 0.1


def detach(work: Callable[[], int], *, log: Path, ready: Callable[[int], bool]) -> int:
    """Do the work in a process of its own that survives this one's terminal; return when it is ready or has failed.

    Args:
        work: What the other process does; it returns its exit code.
        log: Where its output goes; what is added there is shown meanwhile.
        ready: Says whether the process with that number is ready.

    Returns:
        0 when it is ready, its exit code when it ended before.
    """
    follower = Follower(log)
    pid = os.fork()
    if pid == 0:
        _leave_terminal(log)
        os._exit(work())
    try:
        code = _wait(pid, follower, ready)
    except KeyboardInterrupt:
        os.kill(pid, signal.SIGTERM)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) or 130
    _show(follower)
    return code


def _wait(pid: int, follower: Follower, ready: Callable[[int], bool]) -> int:
    while not ready(pid):
        _show(follower)
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) or 1
        time.sleep(POLL_INTERVAL_S)
    return 0


def _show(follower: Follower) -> None:
    for line in follower.new_lines():
        print(line, flush=True)


def _leave_terminal(log: Path) -> None:
    os.setsid()
    with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(output.fileno(), stream.fileno())
        os.dup2(nothing.fileno(), sys.stdin.fileno())
