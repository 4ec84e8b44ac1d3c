"""Tell the story over the platform at LINLI_PUBLIC_URL, as the users in the file LINLI_SANDBOX: `./linli demo`.

`./linli demo drill` plays an emergency drill, `./linli demo year` makes a year of ten communities in a database.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from deploy.demo.callers import UnexpectedAnswerError, callers
from deploy.demo.chapters import Chapters
from deploy.demo.drill import RESIDENT, Drill
from deploy.demo.story import Story
from deploy.demo.waiting import BrokenPromiseError
from deploy.demo.year import make_year_now

CALL_TIMEOUT_S = 15.0


async def tell(url: str, sandbox: Mapping[str, Any], write: Callable[[str], None] = print) -> None:
    """Tell the story once over the gateway at `url`, as the sandbox's users and applications."""
    async with httpx.AsyncClient(base_url=url, timeout=CALL_TIMEOUT_S) as http:
        await Story(callers(http, sandbox), Chapters(write)).tell()


async def play_drill(url: str, sandbox: Mapping[str, Any], write: Callable[[str], None] = print) -> None:
    """Play an emergency drill over the gateway at `url`."""
    resident = next(user for user in sandbox["users"] if user["username"] == RESIDENT)
    async with httpx.AsyncClient(base_url=url, timeout=CALL_TIMEOUT_S) as http:
        await Drill(callers(http, sandbox), resident["subject"].partition(":")[2], Chapters(write)).play()


def main() -> int:
    """Tell it, and say how it went."""
    parser = argparse.ArgumentParser(prog="./linli demo", description="演示主线 · the main story, through the gateway")
    what = "演示内容 · what to show: the main story, an emergency drill, or a year of ten communities"
    parser.add_argument("chapter", nargs="?", choices=("story", "drill", "year"), default="story", help=what)
    chapter = parser.parse_args().chapter
    url = os.environ["LINLI_PUBLIC_URL"]
    sandbox = json.loads(Path(os.environ["LINLI_SANDBOX"]).read_text(encoding="utf-8"))
    started = time.monotonic()
    try:
        if chapter == "year":
            asyncio.run(make_year_now(os.environ["LINLI_DATABASE_URL"], Chapters(print)))
        else:
            asyncio.run((play_drill if chapter == "drill" else tell)(url, sandbox))
    except (UnexpectedAnswerError, BrokenPromiseError, httpx.HTTPError) as error:
        print(f"\n✗ 演示未完成 · the story broke off: {error!r}", file=sys.stderr)
        return 1
    print(f"\n✓ 全部成立 · all of it holds（{time.monotonic() - started:.1f} s）")
    return 0


if __name__ == "__main__":
    sys.exit(main())
