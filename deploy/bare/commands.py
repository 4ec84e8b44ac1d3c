"""The commands of `./linli`."""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from deploy.bare import checks
from deploy.bare.arguments import parse
from deploy.bare.banner import banner
from deploy.bare.credentials import load_credentials
from deploy.bare.detach import detach
from deploy.bare.errors import LaunchError
from deploy.bare.foreground import say, supervise
from deploy.bare.jobs import migrate
from deploy.bare.logs import follow
from deploy.bare.places import ROOT, Places
from deploy.bare.platform_down import down, reset
from deploy.bare.platform_up import Options, bring_up, configure, doors, embedded_server, start_database
from deploy.bare.processes import PORTS, named
from deploy.bare.provision import DATABASES
from deploy.bare.running import AlreadyRunningError, Running, hold_lock, is_locked, running_now
from deploy.bare.supervisor import Supervisor

LOG_LINES = 20
POLL_INTERVAL_S = 0.1


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: What stands after `./linli`.

    Returns:
        The exit code: 0 done, 1 it cannot be done (and why), 2 misunderstood.
    """
    options = parse(arguments)
    try:
        return _COMMANDS[options.command](options, Places())
    except LaunchError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"✗ {error}\n  {ROOT} 属于另一用户？ · does {ROOT} belong to another user?", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _up(options: argparse.Namespace, places: Places) -> int:
    wanted = Options(options.port, options.events, tuple(dict.fromkeys(options.cell)))
    if wanted.cells and "DATABASE_URL" in os.environ:
        raise LaunchError(
            "每个单元使用自己的 PostgreSQL，请取消 DATABASE_URL · each cell has its own: unset DATABASE_URL"
        )
    if is_locked(places.run):
        return _already_running(places)
    if not options.detach:
        return _run(places, wanted, show_banner=True)
    places.make()

    def ready(pid: int) -> bool:
        record = running_now(places.run)
        return record is not None and record.supervisor[0] == pid and record.ready

    # The banner has passwords in it: it goes to the terminal and not to the log.
    code = detach(partial(_run, places, wanted, show_banner=False), log=places.logs / "supervisor.log", ready=ready)
    if code == 0:
        print(banner(_record(places), places))
    return code


def _run(places: Places, wanted: Options, *, show_banner: bool) -> int:
    def ready(running: Running) -> None:
        say(banner(running, places) if show_banner else "▸ 已就绪 · ready")

    try:
        asyncio.run(
            supervise(
                places,
                lambda supervisor: bring_up(supervisor, places, wanted),
                base_port=wanted.base_port,
                ports=wanted.ports,
                events=wanted.events,
                cells=wanted.cells,
                ready=ready,
            )
        )
    except AlreadyRunningError:
        return _already_running(places)
    except LaunchError as error:
        say(f"✗ {error}")
        return 1
    return 0


def _already_running(places: Places) -> int:
    if not _is_ready(places):
        say("▸ 另一个 ./linli up 正在启动，等待其就绪 · another ./linli up is starting it, waiting until it is ready")
    while not _is_ready(places):
        if not is_locked(places.run):
            raise LaunchError("那一个未能启动 · the other one did not come up")
        time.sleep(POLL_INTERVAL_S)
    say("已在运行 · it is running already\n" + banner(_record(places), places))
    return 0


def _is_ready(places: Places) -> bool:
    record = running_now(places.run)
    return record is not None and record.ready


def _record(places: Places) -> Running:
    record = running_now(places.run)
    if record is None:
        raise LaunchError("平台没有运行，先执行 ./linli up -d · it is not running, first: ./linli up -d")
    return record


def _down(_: argparse.Namespace, places: Places) -> int:
    stopped = down(places)
    print("已停止 · stopped" if stopped else "没有在运行 · it was not running")
    return 0


def _reset(options: argparse.Namespace, places: Places) -> int:
    if not options.yes:
        print(f"将停止平台并永久删除 {places.state} 中的数据库、日志、审计、密码与密钥。")
        print("  This stops the platform and deletes its databases, logs, audit, passwords and keys for good.")
        if not sys.stdin.isatty() or input("输入 yes 确认 · type yes to go on: ").strip() != "yes":
            print("未作改动 · nothing was changed（--yes 不再询问 · --yes does not ask）")
            return 1
    reset(places)
    print("已清空 · all gone")
    return 0


def _logs(options: argparse.Namespace, places: Places) -> int:
    known = {named(cell, log.stem): log for cell, log in _log_files(places)}
    if options.process is not None and options.process not in {*known, *PORTS}:
        raise LaunchError(f"没有进程 {options.process} · no such process; {', '.join(known)}")
    names = [options.process] if options.process else list(dict.fromkeys((*PORTS, *known)))
    for line in follow([known.get(name, places.logs / f"{name}.log") for name in names], LOG_LINES):
        say(line)
    return 0


def _log_files(places: Places) -> Iterator[tuple[str, Path]]:
    for each in places.all:
        for log in sorted(each.logs.glob("*.log")):
            yield ("" if each == places else each.state.name), log


def _migrate(_: argparse.Namespace, places: Places) -> int:
    asyncio.run(_migrate_databases(places))
    print("数据库结构已是最新 · the databases have the newest schema")
    return 0


async def _migrate_databases(places: Places) -> None:
    places.make()
    record = running_now(places.run)
    options = Options(record.base_port if record else Options.base_port)
    credentials = load_credentials(places.secrets)
    try:
        with hold_lock(places.run):
            supervisor = Supervisor(say=say, changed=lambda _: None)
            try:
                admin_dsn = await start_database(supervisor, places, options)
                await migrate(configure(places, options, credentials, admin_dsn))
            finally:
                await supervisor.stop()
    except AlreadyRunningError:
        admin_dsn = os.environ.get("DATABASE_URL") or embedded_server(places, options.base_port).dsn()
        await migrate(configure(places, options, credentials, admin_dsn))


def _demo(options: argparse.Namespace, places: Places) -> int:
    record, module = _record(places), "deploy.demo"
    known = {"LINLI_PUBLIC_URL": record.url, "LINLI_SANDBOX": str(places.sandbox)}
    if record.cells:
        module = "deploy.demo.cells"
        cells = Options(record.base_port, record.events, tuple(record.cells))
        environment = {**os.environ, **known, "LINLI_CELLS": json.dumps(doors(places, cells))}
    else:
        environment = {**os.environ, **_service_environment("scenarios", places), **known}
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "-m", module, *options.rest], environment)  # noqa: S606 no shell wanted


def _service_environment(service: str, places: Places) -> dict[str, str]:
    record = _record(places)
    admin_dsn = os.environ.get("DATABASE_URL") or embedded_server(places, record.base_port).dsn()
    wanted = Options(record.base_port, record.events)
    return configure(places, wanted, load_credentials(places.secrets), admin_dsn).application_environment(service)


def _replay(options: argparse.Namespace, places: Places) -> int:
    service = options.rest[0] if options.rest and options.rest[0] in DATABASES else DATABASES[0]
    os.chdir(ROOT)
    arguments = [sys.executable, "-m", "shared.replay", *options.rest]
    os.execve(sys.executable, arguments, _service_environment(service, places))  # noqa: S606 no shell wanted


def _test(options: argparse.Namespace, _: Places) -> int:
    return checks.test(options.rest)


def _check(options: argparse.Namespace, _: Places) -> int:
    return checks.check(options.rest)


def _bench(options: argparse.Namespace, _: Places) -> int:
    return checks.bench(options.name, options.rest)


_COMMANDS: Mapping[str, Callable[[argparse.Namespace, Places], int]] = {
    "up": _up,
    "down": _down,
    "reset": _reset,
    "logs": _logs,
    "migrate": _migrate,
    "demo": _demo,
    "replay": _replay,
    "test": _test,
    "check": _check,
    "bench": _bench,
}
