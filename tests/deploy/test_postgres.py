"""The embedded server: who runs it, and what survives a kill."""

import os
import signal
import stat
from collections.abc import Callable

import asyncpg
import psutil
import pytest

from deploy.bare.child import Account
from deploy.bare.postgres import EmbeddedPostgres
from deploy.bare.postgres_home import can_enter, find_home
from tests.deploy.conftest import wait_for


async def _fetch(server: EmbeddedPostgres, query: str) -> object:
    connection = await asyncpg.connect(server.dsn())
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_the_server_is_version_18_and_keeps_what_it_acknowledges(server: EmbeddedPostgres) -> None:
    assert str(await _fetch(server, "SHOW server_version")).startswith("18")
    assert await _fetch(server, "SHOW fsync") == "on"
    assert await _fetch(server, "SHOW synchronous_commit") == "on"


async def test_the_server_does_not_run_as_root(server: EmbeddedPostgres) -> None:
    assert server.process is not None
    assert psutil.Process(server.process.pid).uids().effective != 0


async def test_a_wrong_password_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.dsn(), password="wrong")


async def test_only_the_owner_can_read_the_password(server: EmbeddedPostgres) -> None:
    assert stat.S_IMODE((server.home / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE((server.home / "data").stat().st_mode) == 0o700


async def test_rows_survive_kill_9_of_the_postmaster(server: EmbeddedPostgres) -> None:
    await _fetch(server, "CREATE TABLE kept (n int)")
    for _ in range(5):
        await _fetch(server, "INSERT INTO kept VALUES (1)")
    assert server.process is not None
    server.process.kill()
    await server.process.wait()
    await server.start()
    assert await _fetch(server, "SELECT count(*) FROM kept") == 5


async def test_the_server_ends_with_the_process_that_started_it_and_starts_again(
    server: EmbeddedPostgres, run_script: Callable[[str], psutil.Popen]
) -> None:
    await server.stop()
    parent = run_script(f"""
import asyncio
from pathlib import Path
from deploy.bare.postgres import EmbeddedPostgres

async def main():
    server = EmbeddedPostgres(Path({str(server.home)!r}), {server.port}, log=Path({str(server.home)!r} + ".log"))
    await server.start()
    print(server.process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
""")
    postmaster = psutil.Process(int(parent.stdout.readline()))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    await server.start()
    wait_for(lambda: not postmaster.is_running())
    assert await _fetch(server, "SELECT 1") == 1


def test_the_home_is_in_the_checkout_when_the_account_can_enter_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("home")
    for place in (folder, *folder.parents[:2]):
        place.chmod(0o711)
    assert find_home(folder / "postgres") == (folder / "postgres").resolve()


def test_a_folder_is_closed_to_an_account_when_any_parent_is(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("closed")
    inner = folder / "inner"
    inner.mkdir(mode=0o755)
    for place in folder.parents[:2]:
        place.chmod(0o711)
    stranger = Account(uid=54321, gid=54321)
    folder.chmod(0o711)
    assert can_enter(stranger, inner)
    folder.chmod(0o700)
    assert not can_enter(stranger, inner)
