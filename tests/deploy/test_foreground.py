"""One supervisor at a time, and nothing left behind."""

import os
import signal
import socket
from collections.abc import Callable

import psutil
import pytest

from deploy.bare.errors import LaunchError
from deploy.bare.places import Places
from deploy.bare.platform_down import down
from deploy.bare.ports import check_ports
from deploy.bare.running import (
    AlreadyRunningError,
    Running,
    end_survivors,
    hold_lock,
    identify,
    is_locked,
    read_record,
    survivors,
    write_record,
)
from tests.deploy.conftest import wait_for

SUPERVISOR = """
import asyncio
from pathlib import Path
from deploy.bare.foreground import supervise
from deploy.bare.places import Places
from deploy.bare.ports import free_port
from deploy.bare.processes import UvicornProcess

places = Places(Path({state!r}))
ports = {{"one": free_port(), "two": free_port()}}

async def bring_up(supervisor):
    children = [
        UvicornProcess(name, "tests.deploy.tiny:create_app", port, {{}}, places.logs / f"{{name}}.log")
        for name, port in ports.items()
    ]
    await supervisor.start(*children)
    await supervisor.wait_until_ready(*children)

asyncio.run(
    supervise(places, bring_up, base_port=1, ports=ports, events="postgres", ready=lambda _: print("ready", flush=True))
)
"""


def _start(run_script: Callable[[str], psutil.Popen], places: Places) -> psutil.Popen:
    process = run_script(SUPERVISOR.format(state=str(places.state)))
    assert process.stdout.readline() == "ready\n"
    return process


def test_down_leaves_no_process(run_script: Callable[[str], psutil.Popen], places: Places) -> None:
    process = _start(run_script, places)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) == 2
    assert is_locked(places.run)
    assert down(places)
    assert not process.is_running()
    assert not any(child.is_running() for child in children)
    assert read_record(places.run) is None
    assert not down(places)


def test_a_supervisor_that_was_killed_is_no_obstacle(run_script: Callable[[str], psutil.Popen], places: Places) -> None:
    process = _start(run_script, places)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    wait_for(lambda: not any(child.is_running() for child in children))
    assert read_record(places.run) is not None
    again = _start(run_script, places)
    again.send_signal(signal.SIGINT)
    assert again.wait() == 0


def test_a_second_supervisor_is_refused(places: Places) -> None:
    with hold_lock(places.run), pytest.raises(AlreadyRunningError), hold_lock(places.run):
        pass
    assert not is_locked(places.run)


def test_a_process_number_that_another_program_has_now_is_left_alone() -> None:
    pid, started = identify(os.getppid())
    stale = Running((1, 0.0), "http://127.0.0.1:1", 1, "postgres", processes={"gateway": (pid, started - 1000)})
    assert survivors(stale) == []
    end_survivors(stale, patience_s=0)


def test_the_record_names_processes_that_run(places: Places) -> None:
    children = {"gateway": identify(os.getppid())}
    write_record(places.run, Running(identify(os.getpid()), "http://127.0.0.1:1", 1, "postgres", processes=children))
    assert [process.pid for process in survivors(read_record(places.run))] == [os.getppid()]


def test_a_port_that_is_taken_is_named_with_its_holder_and_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LaunchError) as refusal:
            check_ports({"gateway": port})
    for fact in (str(port), "gateway", f"pid {os.getpid()}", "./linli up --port"):
        assert fact in str(refusal.value)
