"""A process that is told to end: not ready, then it drains, then it leaves."""

import asyncio
import signal
from collections.abc import Iterator
from types import FrameType

import pytest
from starlette.types import Message

from shared.drain import Drain
from tests.ground import StartApi


@pytest.fixture
def told() -> Iterator[asyncio.Event]:
    """Stand in for the server, which leaves at a SIGTERM."""
    event = asyncio.Event()

    def leave(_: int, __: FrameType | None) -> None:
        event.set()

    before = signal.signal(signal.SIGTERM, leave)
    yield event
    signal.signal(signal.SIGTERM, before)


async def test_the_server_hears_of_the_end_when_the_drain_is_over(told: asyncio.Event) -> None:
    drain = Drain(0.05)
    with drain.awaited():
        signal.raise_signal(signal.SIGTERM)
        assert (drain.has_begun, told.is_set()) == (True, False)
        await told.wait()


async def test_those_who_still_call_are_waited_for_and_those_who_ask_for_its_health_are_not(
    told: asyncio.Event,
) -> None:
    async def send(_: Message) -> None:
        pass

    drain, loop = Drain(1), asyncio.get_running_loop()
    with drain.awaited():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        drain.closing({"type": "http", "path": "/quotes"}, send)
        called_at = loop.time()
        while not told.is_set():
            drain.closing({"type": "http", "path": "/health/ready"}, send)
            await asyncio.sleep(0.05)
    assert loop.time() - called_at >= 1


async def test_without_a_time_to_drain_the_server_hears_at_once(told: asyncio.Event) -> None:
    with Drain().awaited():
        signal.raise_signal(signal.SIGTERM)
    assert told.is_set()


async def test_each_answer_of_a_process_that_leaves_closes_its_connection() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    drain, scope = Drain(1), {"type": "http", "path": "/quotes"}
    assert drain.closing(scope, send) is send
    drain.has_begun = True
    await drain.closing(scope, send)({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
    assert sent[0]["headers"] == [(b"a", b"b"), (b"connection", b"close")]


async def test_a_service_that_leaves_is_not_ready_and_goes_on_serving(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain = Drain()
    monkeypatch.setattr("shared.service.Drain", lambda _: drain)
    api = await start_api("operations")
    assert (await api.http.get("/health/ready")).status_code == 200
    drain.has_begun = True
    leaving = await api.http.get("/health/ready")
    assert (leaving.status_code, leaving.json()["type"].rpartition("/")[2]) == (503, "leaving")
    assert leaving.headers["connection"] == "close"
    assert (await api.http.get("/health/live")).status_code == 200
