"""The gateway and the points API as they are, but for one thing: they die between a commit and its answer, when asked.

And the gateway does not mind that one resident asks a hundred times at once, as no person does.

A request whose idempotency key begins with `die-in-<process>` ends that process as its first answer is about to leave:
the effect is committed and nobody has heard of it. The answer to a later try is a replay, and leaves.
"""

import os
import signal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

import gateway.main
import services.points.main
from gateway.limits import GRABBING

DIE_IN = "die-in-"
_ONCE = b"idempotency-replayed"
_OK = range(200, 300)


class Dying:
    """Serves as the application does, and dies when asked.

    Args:
        app: The application.
        process: Its name in the keys.
    """

    def __init__(self, app: ASGIApp, process: str) -> None:
        self._app = app
        self._asked = f"{DIE_IN}{process}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        key = dict(scope.get("headers", ())).get(b"idempotency-key", b"")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _OK:
                replayed = any(name.lower() == _ONCE for name, _ in message["headers"])
                if not replayed:
                    os.kill(os.getpid(), signal.SIGKILL)
            await send(message)

        await self._app(scope, receive, answer if key.startswith(self._asked) else send)


def create_gateway() -> ASGIApp:
    """Build the gateway, which dies for keys that begin with `die-in-gateway`."""
    GRABBING.clear()
    return Dying(gateway.main.create_app(), "gateway")


def create_points() -> ASGIApp:
    """Build the points API, which dies for keys that begin with `die-in-points`."""
    return Dying(services.points.main.create_app(), "points")
