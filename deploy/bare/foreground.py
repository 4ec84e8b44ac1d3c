"""Be the supervisor of this checkout: alone, until told to stop, and leaving nothing behind."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from deploy.bare.errors import LaunchError
from deploy.bare.logs import rotate
from deploy.bare.places import Places
from deploy.bare.ports import check_ports
from deploy.bare.running import Running, end_survivors, forget, hold_lock, identify, read_record, write_record
from deploy.bare.supervisor import Supervisor

ROTATE_INTERVAL_S = 20.0
SURVIVORS_PATIENCE_S = 20.0


def say(line: str) -> None:
    """Print a line at once; a terminal that has gone away is no reason to end."""
    with suppress(OSError):
        print(line, flush=True)


async def supervise(
    places: Places,
    bring_up: Callable[[Supervisor], Awaitable[None]],
    *,
    base_port: int,
    ports: Mapping[str, int],
    events: str,
    cells: Sequence[str] = (),
    ready: Callable[[Running], None],
) -> None:
    """Bring something up and keep it up until SIGINT, SIGTERM or SIGHUP.

    Args:
        places: The state folder.
        bring_up: Starts the children on the supervisor it is given and returns when they are ready.
        base_port: The gateway's port.
        ports: All processes and the ports they need.
        events: Which event log is used.
        cells: The districts that have a platform each, if there are several.
        ready: Is told when all are ready.

    Raises:
        AlreadyRunningError: There is a supervisor already.
        LaunchError: It could not be brought up; nothing of it is left running.
    """
    places.make()
    with hold_lock(places.run):
        before = read_record(places.run)
        record = Running(identify(os.getpid()), f"http://127.0.0.1:{base_port}", base_port, events, tuple(cells))
        record = replace(record, processes=before.processes if before else {})
        write_record(places.run, record)  # from now on this is whom to ask, also about what a killed one has left

        def changed(pids: Mapping[str, int]) -> None:
            nonlocal record
            record = replace(record, processes={name: identify(pid) for name, pid in pids.items()})
            write_record(places.run, record)

        supervisor = Supervisor(say=say, changed=changed)
        stop = _stop_event()
        try:
            end_survivors(record, patience_s=SURVIVORS_PATIENCE_S)
            check_ports(ports)
            async with _rotating(places):
                if await _finished_before(asyncio.ensure_future(bring_up(supervisor)), stop):
                    record = replace(record, ready=True)
                    changed(supervisor.pids())
                    ready(record)
                    await stop.wait()
                say("▸ 正在停止 · stopping")
        finally:
            await supervisor.stop()
            forget(places.run)


def _stop_event() -> asyncio.Event:
    """Return an event that is set by the signals that mean: stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def _rotating(places: Places) -> AsyncIterator[None]:
    """Keep the logs bounded for the length of the block."""

    async def rotate_for_ever() -> None:
        while True:
            await asyncio.sleep(ROTATE_INTERVAL_S)
            with suppress(OSError):  # a full disk must not end the platform's supervisor
                for each in places.all:
                    rotate(each.logs)

    task = asyncio.create_task(rotate_for_ever())
    try:
        yield
    finally:
        task.cancel()


async def _finished_before(work: asyncio.Future[None], stop: asyncio.Event) -> bool:
    """Return whether the work was done before the event; if not it is cancelled. Raises what the work raises."""
    stopped = asyncio.create_task(stop.wait())
    both: set[asyncio.Future[Any]] = {work, stopped}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not work.done():
        work.cancel()
        with suppress(asyncio.CancelledError, LaunchError):
            await work
        return False
    work.result()
    return True
