"""The body of a call: read whole, so that all of it is checked before any of it goes on, and never beyond the limit."""

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.framing import BODY_MAX_BYTES
from gateway.refusals import TooLarge


class Body:
    """Reads the body from the server.

    Attributes:
        content: What has come of it.
        ended: Whether its last piece has been read.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.content = b""
        self.ended = False

    async def read(self) -> bytes:
        """Read all of it.

        Raises:
            TooLarge: It is beyond the limit.
            starlette.requests.ClientDisconnect: The caller went away.
        """
        pieces: list[bytes] = []
        size = 0
        while not self.ended:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            if size > BODY_MAX_BYTES:
                raise TooLarge(limit_bytes=BODY_MAX_BYTES)
            self.ended = not message.get("more_body", False)
        self.content = b"".join(pieces)
        return self.content
