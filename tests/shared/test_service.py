"""How long a service works on a request."""

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from shared.drain import Drain
from shared.service import DEADLINE_DEFAULT_S, DEADLINE_MAX_S, CanonicalLine, deadline_s


@pytest.mark.parametrize(
    ("asked", "given_s"),
    [
        ("2500", 2.5),
        ("60000", 60.0),
        ("900000000", DEADLINE_MAX_S),
        *((nonsense, DEADLINE_DEFAULT_S) for nonsense in ("", "soon", "nan", "inf", "-5", "0")),
    ],
)
def test_a_request_lasts_as_long_as_the_gateway_gives_it_up_to_a_bound(asked: str, given_s: float) -> None:
    assert deadline_s(Headers({"linli-deadline-ms": asked})) == given_s


def test_a_request_without_a_deadline_lasts_as_long_as_any_other() -> None:
    assert deadline_s(Headers()) == DEADLINE_DEFAULT_S


async def test_an_answer_that_breaks_off_leaves_the_reason_in_the_log() -> None:
    async def export(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half a book", "more_body": True})
        raise OSError("the database went away")

    async def receive() -> Message:
        return {"type": "http.request"}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/books/330102001051/export", "headers": []}
    with capture_logs() as logged:
        await CanonicalLine(export, Drain())(scope, receive, send)
    assert [line["event"] for line in logged if line["log_level"] == "error"] == ["answer broke off"]
    assert sent[-1]["more_body"] is True
