"""Children are restarted, reported, and stopped in order."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
import pytest

from deploy.bare.errors import LaunchError
from deploy.bare.processes import UvicornProcess
from deploy.bare.supervisor import Supervisor
from tests.deploy.conftest import wait_for


class Watched(Supervisor):
    """A supervisor that remembers what it told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.told: asyncio.Queue[Mapping[str, int]] = asyncio.Queue()
        super().__init__(say=self.said.append, changed=self.told.put_nowait)


async def test_a_killed_child_is_started_again_and_becomes_ready(tiny: Callable[[str], UvicornProcess]) -> None:
    supervisor, child = Watched(), tiny("child")
    try:
        await supervisor.start(child)
        await supervisor.wait_until_ready(child)
        first = (await supervisor.told.get())["child"]
        os.kill(first, signal.SIGKILL)
        second = (await supervisor.told.get())["child"]
        await supervisor.wait_until_ready(child)
    finally:
        await supervisor.stop()
    assert second != first
    assert "child" in supervisor.said[0]


async def test_a_child_that_cannot_start_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    supervisor = Watched()
    child = UvicornProcess("broken", "no_such_module:create_app", 1, {}, tmp_path / "broken.log")
    try:
        await supervisor.start(child)
        with pytest.raises(LaunchError, match=r"(?s)broken.*no_such_module"):
            await supervisor.wait_until_ready(child)
    finally:
        await supervisor.stop()


async def test_stages_are_stopped_in_the_opposite_order(tiny: Callable[[str], UvicornProcess]) -> None:
    stopped: list[str] = []

    class Noted(UvicornProcess):
        async def stop(self) -> None:
            await super().stop()
            stopped.append(self.name)

    supervisor = Watched()
    for name in ("database", "worker", "gateway"):
        plain = tiny(name)
        await supervisor.start(Noted(name, plain.target, plain.port, {}, plain.log))
    await supervisor.stop()
    assert stopped == ["gateway", "worker", "database"]
    assert not any(psutil.pid_exists(pid) for pid in supervisor.pids().values())


def test_children_end_with_a_supervisor_that_is_killed(
    run_script: Callable[[str], psutil.Popen], tmp_path: Path
) -> None:
    parent = run_script(f"""
import asyncio
from pathlib import Path
from deploy.bare.ports import free_port
from deploy.bare.processes import UvicornProcess

async def main():
    child = UvicornProcess("child", "tests.deploy.tiny:create_app", free_port(), {{}}, Path({str(tmp_path / "log")!r}))
    await child.start()
    print(child.process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
""")
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    wait_for(lambda: not child.is_running())
