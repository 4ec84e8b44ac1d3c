"""The commands of `./linli`."""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Sequence
from functools import partial

from deploy.bare import checks
from deploy.bare.banner import banner
from deploy.bare.credentials import load_credentials
from deploy.bare.detach import detach
from deploy.bare.errors import LaunchError
from deploy.bare.foreground import say, supervise
from deploy.bare.jobs import migrate
from deploy.bare.logs import follow
from deploy.bare.places import ROOT, Places
from deploy.bare.platform_down import down, reset
from deploy.bare.platform_up import Options, bring_up, configure, embedded_server, start_database
from deploy.bare.processes import PORTS
from deploy.bare.running import AlreadyRunningError, Running, hold_lock, is_locked, read_record
from deploy.bare.supervisor import Supervisor

LOG_LINES = 20
PORT_MAX = 65535 - max(PORTS.values())


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: What stands after `./linli`.

    Returns:
        The exit code: 0 done, 1 it cannot be done (and why), 2 misunderstood.
    """
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and not options.passes_on:
        parser.error(f"不认识的参数 · unknown arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        return int(options.command(options, Places()))
    except LaunchError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./linli", description="邻里：未来社区数字平台 · the platform of a future community"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, text: str, *, passes_on: bool = False) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(command=globals()[f"_{name}"], passes_on=passes_on)
        return command

    up = add("up", "启动整个平台，前台运行到 Ctrl-C · start the platform, until Ctrl-C")
    up.add_argument(
        "-d", "--detach", action="store_true", help="后台运行，就绪后返回 · in the background, return when ready"
    )
    up.add_argument(
        "--port",
        type=_port,
        default=8080,
        metavar="N",
        help="网关端口，其余依次 +1…+7 · the gateway's port, the others follow (8080)",
    )
    up.add_argument(
        "--events",
        type=_events,
        default="postgres",
        metavar="LOG",
        help="事件日志 · event log: postgres | kafka://host:port[,host:port]",
    )
    add("down", "停止平台，不留进程 · stop the platform, leave no process")
    wipe = add("reset", "停止平台并删除数据、日志与密钥 · stop it and delete data, logs and keys")
    wipe.add_argument("--yes", action="store_true", help="不再询问 · do not ask")
    logs = add("logs", "跟踪日志，到 Ctrl-C · follow the logs, until Ctrl-C")
    logs.add_argument(
        "process", nargs="?", metavar="PROCESS", help="进程名，缺省为全部 · a process, default all: " + ", ".join(PORTS)
    )
    add("migrate", "迁移数据库结构到最新 · bring the databases to the newest schema")
    add("demo", "在运行中的平台上演示主流程 · play the main story on the running platform", passes_on=True)
    add(
        "test",
        "全部检查与测试，其余参数交给 pytest · all checks and tests, more arguments go to pytest",
        passes_on=True,
    )
    add("check", "不需要数据库的检查 · the checks that need no database", passes_on=True)
    bench = add("bench", "列出或运行性能测试 · list or run benchmarks", passes_on=True)
    bench.add_argument("name", nargs="?", metavar="NAME", help="名称，缺省列出全部 · a benchmark, default: list them")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= PORT_MAX:
        raise argparse.ArgumentTypeError(f"端口应为 1 至 {PORT_MAX} · a port from 1 to {PORT_MAX}")
    return int(text)


def _events(text: str) -> str:
    if not re.fullmatch(r"postgres|kafka://[^/,:]+:\d+(,[^/,:]+:\d+)*", text):
        raise argparse.ArgumentTypeError("postgres | kafka://host:port[,host:port]")
    return text


def _up(options: argparse.Namespace, places: Places) -> int:
    wanted = Options(options.port, options.events)
    if is_locked(places.run):
        return _already_running(places)
    if not options.detach:
        return _run(places, wanted, show_banner=True)
    places.make()

    def ready(pid: int) -> bool:
        record = read_record(places.run)
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
    record = read_record(places.run)
    if record is None or not record.ready:
        say("邻里正在由另一个 ./linli up 启动 · another ./linli up is starting it")
        return 0
    say("已在运行 · it is running already\n" + banner(record, places))
    return 0


def _record(places: Places) -> Running:
    record = read_record(places.run)
    if record is None or not is_locked(places.run):
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
    known = {log.stem: log for log in sorted(places.logs.glob("*.log"))}
    if options.process is not None and options.process not in {*known, *PORTS}:
        raise LaunchError(f"没有进程 {options.process} · no such process; {', '.join(known)}")
    names = [options.process] if options.process else list(dict.fromkeys((*PORTS, *known)))
    for line in follow([places.logs / f"{name}.log" for name in names], LOG_LINES):
        say(line)
    return 0


def _migrate(_: argparse.Namespace, places: Places) -> int:
    asyncio.run(_migrate_databases(places))
    print("数据库结构已是最新 · the databases have the newest schema")
    return 0


async def _migrate_databases(places: Places) -> None:
    places.make()
    record = read_record(places.run)
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
    environment = {**os.environ, "LINLI_PUBLIC_URL": _record(places).url, "LINLI_SANDBOX": str(places.sandbox)}
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "-m", "deploy.demo", *options.rest], environment)  # noqa: S606 no shell wanted


def _test(options: argparse.Namespace, _: Places) -> int:
    return checks.test(options.rest)


def _check(options: argparse.Namespace, _: Places) -> int:
    return checks.check(options.rest)


def _bench(options: argparse.Namespace, _: Places) -> int:
    return checks.bench(options.name, options.rest)
