"""The workers of a payment's saga as processes to be killed: `saga.py <points> <scenarios>`, and a step in each line.

For each line it forks workers that kill themselves there (kill -9), or are killed; it answers with their pid and with
how they ended. They carry every event from the beginning, as a log does at worst after a crash: the inboxes know them.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.points.reservations.consumers import take_step
from services.points.worker import close_all_holds
from services.scenarios.tariffs.consumers import note_answer
from services.scenarios.worker import JOBS
from shared.database import Database
from shared.events.points import PaymentStepAnswered
from shared.events.scenarios import PaymentStepRequested
from shared.inbox import Inbox, on
from shared.log import Message
from shared.outbox import Position, read_committed
from tests.ground import ServiceDatabase

DEATHS = (
    "take_step hold", "note_answer hold", "take_step capture", "take_step release", "note_answer capture",
    "note_answer release", "take_step refund", "note_answer refund",
)  # fmt: skip
"""After which function, of which step, it dies: its work is done and not committed. In the order in which they come."""
PAUSE_S = 0.05
SETTLE = next(job for job in JOBS if job.name == "settle-payments")


@dataclass(frozen=True, slots=True)
class Workers:
    """Starts workers of both services, one after the other."""

    process: asyncio.subprocess.Process

    async def start(self, step: str = "") -> int:
        """Start workers, which die at a step or live on; returns their pid."""
        assert self.process.stdin
        self.process.stdin.write(f"{step}\n".encode())
        return await self._number()

    async def ended(self) -> int:
        """Wait until the workers have ended; returns how, as a process's return code."""
        return await self._number()

    async def _number(self) -> int:
        assert self.process.stdout
        return int(await self.process.stdout.readline())


@asynccontextmanager
async def workers(points: ServiceDatabase, scenarios: ServiceDatabase) -> AsyncIterator[Workers]:
    """Have workers ready to be started."""
    command = [sys.executable, "-m", "tests.faults.saga", points.app, scenarios.app]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[2], stdin=pipe, stdout=pipe)
    yield Workers(process)
    assert process.stdin
    process.stdin.close()
    await process.wait()


def _mortal(do: Callable[[Any, Any], Awaitable[None]], step: str) -> Callable[[Any, Any], Awaitable[None]]:
    name, _, task = step.partition(" ")

    async def do_and_die(session: Any, event: Any) -> None:  # noqa: ANN401 - of any handler
        await do(session, event)
        if (do.__name__, event.step) == (name, task):
            os.kill(os.getpid(), signal.SIGKILL)

    return do_and_die


async def _carry(topic: str, producer: Database, inbox: Inbox) -> None:
    async with producer.autocommit() as connection:
        rows = await read_committed(connection, topic, Position(), 10_000)
    await inbox.take([Message(topic, row.key, row.value, (row.position.xid, row.position.id)) for row in rows])


async def _work(points_url: str, scenarios_url: str, step: str) -> None:
    points, scenarios = (Database(url, name="saga", pool_size=2) for url in (points_url, scenarios_url))
    in_points = Inbox("points", points, [on(PaymentStepRequested, _mortal(take_step, step))])
    in_scenarios = Inbox("scenarios", scenarios, [on(PaymentStepAnswered, _mortal(note_answer, step))])
    while True:
        await SETTLE.run(scenarios)
        await _carry("scenarios", scenarios, in_points)
        await _carry("points", points, in_scenarios)
        await close_all_holds(points)
        await asyncio.sleep(PAUSE_S)


def _main(points_url: str, scenarios_url: str) -> None:
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(_work(points_url, scenarios_url, line.strip()))
        print(pid, flush=True)  # noqa: T201 - the answer
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    _main(*sys.argv[1:])
