"""Runs schemathesis: bad input by the thousand, made from what an API says of itself, with all of its checks."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.ground import identity

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
ROLES = ("resident", "desk", "operator", "official", "merchant", "device", "mini-app", "auditor")
EVERY_ROLE = identity("staff:everyone", *((role, "330102") for role in ROLES), ("administrator", "33"))
BOUNDED = ("--phases", "examples,fuzzing", "--max-examples", "1")
NIGHTLY = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "20")


@dataclass(frozen=True)
class Tried:
    """What came of it.

    Attributes:
        code: Of the program: 0 when no check failed.
        said: Its report.
        calls: Method, path and status of each call that it made.
    """

    code: int | None
    said: str
    calls: list[tuple[str, str, int]]


async def attempt(url: str, headers: Mapping[str, str], folder: Path, *bounds: str) -> Tried:
    """Try what is served at a URL, with headers that say who calls; `folder` takes what the program writes."""
    archive = folder / "calls.har"
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIGURATION)),
        *("run", f"{url}/openapi.json", "--url", url, "--checks", "all", "--mode", "all", *bounds),
        *("--continue-on-failure", "--no-color", "--generation-deterministic"),
        *("--report", "har", "--report-har-path", str(archive)),
        *(part for name, value in headers.items() for part in ("--header", f"{name}: {value}")),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    entries = json.loads(await asyncio.to_thread(archive.read_text, "utf-8"))["log"]["entries"]
    calls = [(e["request"]["method"], e["request"]["url"].removeprefix(url), e["response"]["status"]) for e in entries]
    return Tried(process.returncode, said.decode(), calls)
