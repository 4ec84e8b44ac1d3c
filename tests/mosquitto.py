"""Mosquitto, the MQTT broker of others, on a port of its own."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.bare.ports import free_port

PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"


@asynccontextmanager
async def mosquitto(folder: Path, port: int | None = None) -> AsyncIterator[int]:
    """Run a broker that keeps sessions, and give its port; skips, saying why, where there is none."""
    program = shutil.which("mosquitto", path=PATH)
    if program is None:
        pytest.skip("no Mosquitto to speak MQTT with (apt-get install mosquitto)")
    port = port or free_port()
    settings = folder / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    quiet = asyncio.subprocess.DEVNULL
    broker = await asyncio.create_subprocess_exec(program, "-c", str(settings), stdout=quiet, stderr=quiet)
    async with asyncio.timeout(30):
        while not await _answers(port):  # noqa: ASYNC110 - it rings no bell
            await asyncio.sleep(0.05)
    try:
        yield port
    finally:
        broker.terminate()
        await broker.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
