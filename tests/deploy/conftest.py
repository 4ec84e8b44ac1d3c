"""A state folder, a server and children for the launcher's tests."""

import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy.bare.places import ROOT, Places
from deploy.bare.ports import free_port
from deploy.bare.postgres import EmbeddedPostgres
from deploy.bare.processes import UvicornProcess


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """The places of a checkout of its own."""
    places = Places(tmp_path / "a state")
    places.make()
    return places


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """A server that a test may kill."""
    folder = tmp_path_factory.mktemp("a server")
    for place in (folder, *folder.parents[:2]):  # pytest's folders are for the caller's eyes only
        place.chmod(0o711)
    server = EmbeddedPostgres(folder / "postgres", free_port(), log=folder / "postgres.log")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[[str], UvicornProcess]:
    """Make processes as `tiny("name")`."""

    def make(name: str, target: str = "tests.deploy.tiny:create_app") -> UvicornProcess:
        return UvicornProcess(name, target, free_port(), {}, tmp_path / f"{name}.log", ROOT)

    return make


@pytest.fixture
def run_script(tmp_path: Path) -> Iterator[Callable[[str], psutil.Popen]]:
    """Run Python text in a process of its own, which prints when it has come so far, and is killed at the end."""
    started: list[psutil.Popen] = []

    def run(text: str) -> psutil.Popen:
        script = tmp_path / "script.py"
        script.write_text(text, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        process = psutil.Popen([sys.executable, str(script)], cwd=ROOT, env=environment, stdout=-1, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for something that must come; the limit only ends a run that has failed."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
