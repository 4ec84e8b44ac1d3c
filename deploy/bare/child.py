"""A child process that cannot outlive the supervisor, and how it is ended."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """The operating system's user a child runs as.

    Attributes:
        uid: User.
        gid: Group.
    """

    uid: int
    gid: int


def _leash(death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child runs between fork and exec, so that the kernel ends it when its parent is gone.

    The kernel watches the *thread* that forks: children are started from the main thread.
    """
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def tie() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # the parent went between fork and prctl
            os._exit(1)

    return tie


async def spawn(
    arguments: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
    death_signal: signal.Signals,
    account: Account | None = None,
) -> asyncio.subprocess.Process:
    """Start a child in a session of its own (Ctrl-C reaches the supervisor alone) with its output in a log file.

    Args:
        arguments: Program and arguments.
        environment: The whole environment of the child.
        folder: Its working folder; the account must be able to enter it.
        log: Where its output is appended.
        death_signal: What the kernel sends it when this process dies, however it dies.
        account: Who it runs as; None is the caller.

    Returns:
        The running child.
    """
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *arguments,
            env=dict(environment),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_leash(death_signal),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


async def end(process: asyncio.subprocess.Process, *, politely: signal.Signals, patience_s: float) -> None:
    """End a child: a signal first, SIGKILL when it does not follow.

    Args:
        process: The child; it may have ended already.
        politely: The signal by which it ends in good order.
        patience_s: How long it may take, in seconds.
    """
    with suppress(ProcessLookupError):
        process.send_signal(politely)
    try:
        async with asyncio.timeout(patience_s):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
