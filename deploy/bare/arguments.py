"""What can be said to `./linli`."""

import argparse
import re
from collections.abc import Sequence

from deploy.bare.processes import PORTS

PORT_MAX = 65535 - max(PORTS.values())
# Command, what it does, and whether it passes on arguments that are not its own.
COMMANDS = (
    ("up", "启动整个平台，前台运行到 Ctrl-C · start the platform, until Ctrl-C", False),
    ("down", "停止平台，不留进程 · stop the platform, leave no process", False),
    ("reset", "停止平台并删除数据、日志与密钥 · stop it and delete data, logs and keys", False),
    ("logs", "跟踪日志，到 Ctrl-C · follow the logs, until Ctrl-C", False),
    ("migrate", "迁移数据库结构到最新 · bring the databases to the newest schema", False),
    (
        "demo",
        "在运行中的平台上演示 · play the main story; drill: an emergency; year: ten communities",
        True,
    ),
    ("replay", "死信：列出与重放 · list and replay the events that a service could not take in", True),
    ("test", "全部检查与测试，其余参数交给 pytest · all checks and tests, more arguments go to pytest", True),
    ("check", "不需要数据库的检查，其余参数交给 pytest · the checks that need no database", True),
    ("bench", "列出或运行性能测试 · list or run benchmarks", True),
)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command with its options; `rest` holds what it passes on. Leaves with 2 when misunderstood.

    Args:
        arguments: What stands after `./linli`.
    """
    parser = argparse.ArgumentParser(
        prog="./linli", description="邻里：未来社区数字平台 · the platform of a future community"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    parsers = {}
    for name, text, passes_on in COMMANDS:
        parsers[name] = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        parsers[name].set_defaults(passes_on=passes_on)
    _add_up(parsers["up"])
    parsers["reset"].add_argument("--yes", action="store_true", help="不再询问 · do not ask")
    processes = "进程名，缺省为全部 · a process, default all: " + ", ".join(PORTS)
    parsers["logs"].add_argument("process", nargs="?", metavar="PROCESS", help=processes)
    parsers["replay"].usage = "./linli replay points|scenarios|operations|gateway [--all | EVENT_ID …]"
    benchmark = "名称，缺省列出全部 · a benchmark, default: list them"
    parsers["bench"].add_argument("name", nargs="?", metavar="NAME", help=benchmark)
    options, rest = parser.parse_known_args(arguments)
    if rest and not options.passes_on:
        parser.error(f"不认识的参数 · unknown arguments: {' '.join(rest)}")
    options.rest = rest
    return options


def _add_up(up: argparse.ArgumentParser) -> None:
    background = "后台运行，就绪后返回 · in the background, return when ready"
    up.add_argument("-d", "--detach", action="store_true", help=background)
    port = "网关端口，其余依次 +1…+7 · the gateway's port, the others follow (8080)"
    up.add_argument("--port", type=_port, default=8080, metavar="N", help=port)
    events = "事件日志 · event log: postgres | kafka://host:port[,host:port]"
    up.add_argument("--events", type=_events, default="postgres", metavar="LOG", help=events)
    cell = (
        "区县代码，可多次：各自一套平台，跨单元兑换 · a district, once for each: a platform of its own, with crossings"
    )
    up.add_argument("--cell", type=_cell, action="append", default=[], metavar="CODE", help=cell)
    up.epilog = (
        "环境变量 DATABASE_URL：使用已有的 PostgreSQL 18+ 服务器（可建角色与数据库的账号），不启动内置的 · "
        "with DATABASE_URL, an administrator's address of any PostgreSQL 18+, the embedded server is not started"
    )


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= PORT_MAX:
        raise argparse.ArgumentTypeError(f"端口应为 1 至 {PORT_MAX} · a port from 1 to {PORT_MAX}")
    return int(text)


def _cell(text: str) -> str:
    if not re.fullmatch(r"\d{6}", text):
        raise argparse.ArgumentTypeError("区县代码为 6 位数字 · a district's code has 6 digits")
    return text


def _events(text: str) -> str:
    if not re.fullmatch(r"postgres|kafka://[^/,:]+:\d+(,[^/,:]+:\d+)*", text):
        raise argparse.ArgumentTypeError("postgres | kafka://host:port[,host:port]")
    return text
