"""Tell the story over the platform at LINLI_PUBLIC_URL, as the users in the file LINLI_SANDBOX: `./linli demo`."""

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
from deploy.demo.story import Story
from deploy.demo.waiting import BrokenPromiseError

CALL_TIMEOUT_S = 15.0


async def tell(url: str, sandbox: Mapping[str, Any], write: Callable[[str], None] = print) -> None:
    """Tell the story once over the gateway at `url`, as the sandbox's users and applications."""
    async with httpx.AsyncClient(base_url=url, timeout=CALL_TIMEOUT_S) as http:
        await Story(callers(http, sandbox), Chapters(write)).tell()


def main() -> int:
    """Tell it, and say how it went."""
    parser = argparse.ArgumentParser(prog="./linli demo", description="演示主线 · the main story, through the gateway")
    parser.parse_args()
    url, sandbox = os.environ["LINLI_PUBLIC_URL"], Path(os.environ["LINLI_SANDBOX"])
    started = time.monotonic()
    try:
        asyncio.run(tell(url, json.loads(sandbox.read_text(encoding="utf-8"))))
    except (UnexpectedAnswerError, BrokenPromiseError, httpx.HTTPError) as error:
        print(f"\n✗ 演示未完成 · the story broke off: {error!r}", file=sys.stderr)
        return 1
    print(f"\n✓ 全部成立 · all of it holds（{time.monotonic() - started:.1f} s）")
    return 0


if __name__ == "__main__":
    sys.exit(main())
