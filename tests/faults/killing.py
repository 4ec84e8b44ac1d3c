"""Killing a platform's processes, and waiting until it is whole again."""

import asyncio
import os
import signal
import time

from deploy.bare.supervisor import ask_health
from tests.platform import RunningPlatform

BROKER = "broker"
WHOLE_AGAIN_S = 60.0
POLL_S = 0.05


def victims(platform: RunningPlatform) -> list[str]:
    """Return all that may be killed: every process of the platform, and its broker."""
    return [*platform.supervisor.pids(), *([BROKER] if platform.broker else [])]


async def kill(platform: RunningPlatform, victim: str, how: signal.Signals = signal.SIGKILL) -> float:
    """End a process by a signal and wait until all are ready; returns how long that took, in seconds.

    Raises:
        AssertionError: The platform was not whole again after WHOLE_AGAIN_S.
    """
    began = time.monotonic()
    if victim == BROKER:
        assert platform.broker
        await asyncio.to_thread(platform.broker.kill)
        await asyncio.to_thread(platform.broker.start)
    else:
        pid = platform.supervisor.pids()[victim]
        os.kill(pid, how)
        while platform.supervisor.pids()[victim] == pid or not await _is_whole(platform):
            assert time.monotonic() - began < WHOLE_AGAIN_S, f"not whole again after {victim} was killed"
            await asyncio.sleep(POLL_S)
    return time.monotonic() - began


async def _is_whole(platform: RunningPlatform) -> bool:
    ports = [port for name, port in platform.options.ports.items() if name != "postgres"]
    answers = await asyncio.gather(*map(ask_health, ports))
    return all(answer.startswith("200") for answer in answers)
