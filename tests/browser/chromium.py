"""A real browser for tests: Chromium without a window, told what to do over its own protocol through two pipes."""

import asyncio
import base64
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

PATIENCE_S = 60.0
FLAGS = (
    "--headless",
    "--no-sandbox",  # the pages are our own, and a container's root may not make one
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--remote-debugging-pipe",
    "--window-size=1280,1000",
)


def found() -> str | None:
    """Return where Chromium is, if it is there."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """One tab.

    Attributes:
        errors: What the page's console complained of.
    """

    def __init__(self, reader: asyncio.StreamReader, write_end: int) -> None:
        self._reader = reader
        self._write_end = write_end
        self._number = 0
        self._session = ""
        self._loaded = asyncio.Event()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.errors: list[str] = []

    async def listen(self) -> None:
        """Take in what the browser says until it is closed."""
        while True:
            told = json.loads((await self._reader.readuntil(b"\0"))[:-1])
            waiting = self._answers.pop(told.get("id", 0), None)
            if waiting is not None:
                waiting.set_result(told)
            elif told.get("method") == "Page.loadEventFired":
                self._loaded.set()
            elif told.get("method") == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
                self.errors.append(told["params"]["entry"]["text"])

    async def open_tab(self) -> None:
        """Open the tab that all else is about."""
        target = (await self._ask("Target.createTarget", url="about:blank"))["targetId"]
        self._session = (await self._ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        for domain in ("Page", "Log", "Runtime"):
            await self._ask(f"{domain}.enable")

    async def _ask(self, method: str, **params: Any) -> Any:  # noqa: ANN401 - what the protocol says
        self._number += 1
        session = {"sessionId": self._session} if self._session else {}
        waiting = self._answers[self._number] = asyncio.get_running_loop().create_future()
        told = json.dumps({"id": self._number, "method": method, "params": params, **session})
        os.write(self._write_end, told.encode() + b"\0")
        answer = await asyncio.wait_for(waiting, PATIENCE_S)
        assert "error" not in answer, (method, answer)
        return answer["result"]

    async def go(self, url: str) -> None:
        """Open a page and wait until it is there."""
        self._loaded.clear()
        await self._ask("Page.navigate", url=url)
        await asyncio.wait_for(self._loaded.wait(), PATIENCE_S)

    async def run(self, script: str) -> Any:  # noqa: ANN401 - any value
        """Run a script in the page; returns its value."""
        answer = await self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def fill(self, selector: str, text: str) -> None:
        """Type a text into a field as a person does."""
        await self.run(
            f"{{ const field = document.querySelector({json.dumps(selector)}); field.focus(); field.select() }}"
        )
        await self._ask("Input.insertText", text=text)

    async def click(self, selector: str) -> None:
        """Click what leads to another page, in the middle of it, and wait until that is there."""
        box = await self.run(
            f"(e => {{ e.scrollIntoView(); const b = e.getBoundingClientRect();"
            f" return [b.x + b.width / 2, b.y + b.height / 2] }})(document.querySelector({json.dumps(selector)}))"
        )
        self._loaded.clear()
        for kind in ("mousePressed", "mouseReleased"):
            await self._ask("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)
        await asyncio.wait_for(self._loaded.wait(), PATIENCE_S)

    async def text(self, selector: str) -> str:
        """Return what a person reads there."""
        shown: str = await self.run(f"document.querySelector({json.dumps(selector)}).innerText")
        return shown

    async def photograph(self, path: Path) -> None:
        """Keep a picture of the page."""
        picture = await self._ask("Page.captureScreenshot", captureBeyondViewport=True)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(picture["data"]))


@asynccontextmanager
async def browser(executable: str, folder: Path) -> AsyncIterator[Browser]:
    """Run a browser whose profile is in an empty folder."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    # It reads from file descriptor 3 and writes to 4.
    script = f'exec 3<&{theirs_in} 4>&{theirs_out}; exec "$0" "$@"'
    command = ["bash", "-c", script, executable, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    with (folder / "chromium.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, pass_fds=(theirs_in, theirs_out), stdout=log, stderr=log, start_new_session=True
        )
    os.close(theirs_in)
    os.close(theirs_out)
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours_in, "rb")
    )
    tab = Browser(reader, ours_out)
    listening = asyncio.create_task(tab.listen())
    try:
        await tab.open_tab()
        yield tab
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        transport.close()
        os.close(ours_out)
