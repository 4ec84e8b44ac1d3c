"""What a person sees when the platform is ready: where it is, and as whom they may log in."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from deploy.bare.places import Places
from deploy.bare.platform_up import Options
from deploy.bare.processes import HOST, PORTS
from deploy.bare.running import Running
from deploy.bare.sandbox import load_sandbox


def width(text: str) -> int:
    """Return how many columns a terminal gives a text: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines with aligned columns.

    Args:
        rows: Texts, as many in each row.
    """
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def banner(running: Running, places: Places) -> str:
    """Return addresses and sandbox log-ins.

    Args:
        running: The platform.
        places: The state folder.
    """
    if running.cells:
        return "\n\n".join(_banner_of_cell(running, places, cell) for cell in running.cells)
    sandbox = load_sandbox(places.sandbox)
    users = [("用户名 user", "密码 password", "身份 who", "角色与范围 role at prefix")]
    users += [(user["username"], user["password"], user["display"], _roles(user)) for user in sandbox["users"]]
    applications = [("应用 application", "身份 who", "角色与范围 role at prefix")]
    applications += [(app["access_key"], app["display"], _roles(app)) for app in sandbox["applications"]]
    lines = [
        "邻里正在运行 · Linli is running",
        *_addresses(running, places),
        "沙箱账号（仅用于本机试用） · sandbox log-ins (to try this machine only)",
        *(f"  {line}" for line in table(users)),
        f"沙箱应用，密钥在 {places.sandbox} · sandbox applications, their secrets are in that file",
        *(f"  {line}" for line in table(applications)),
        "试一试 try: ./linli demo    日志 logs: ./linli logs    停止 stop: ./linli down",
    ]
    return "\n".join(lines)


def _banner_of_cell(running: Running, places: Places, cell: str) -> str:
    own = Options(running.base_port, running.events, tuple(running.cells)).by_cell[cell]
    port = own.base_port
    own_running = replace(running, cells=(), base_port=port, url=f"http://{HOST}:{port}")
    return f"单元 cell {cell}\n{banner(own_running, places.of_cell(cell))}"


def _addresses(running: Running, places: Places) -> list[str]:
    rows = [("  平台入口 gateway", running.url), ("  接口文档 API docs", f"{running.url}/docs")]
    rows += [
        (f"  {name}", f"http://{HOST}:{running.base_port + offset}") for name, offset in PORTS.items() if "-api" in name
    ]
    return table([*rows, ("  事件日志 event log", running.events), ("  运行日志 log files", str(places.logs))])


def _roles(subject: dict[str, Any]) -> str:
    return ", ".join(f"{role['role']}@{role['prefix']}" for role in subject["roles"])
