"""The body of a call: whole when it came in one piece, streamed on when it did not, and never beyond the limit."""

from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.framing import BODY_MAX_BYTES
from gateway.refusals import TooLarge


class Body:
    """Reads the body from the server.

    Attributes:
        first: Its first piece.
        is_whole: Whether that was all.
        ended: Whether its last piece has been read.
        refusal: Why reading stopped, if it was refused on the way.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0
        self.first = b""
        self.is_whole = False
        self.ended = False
        self.refusal: TooLarge | None = None

    async def begin(self) -> None:
        """Read the first piece.

        Raises:
            TooLarge: It alone is beyond the limit.
            starlette.requests.ClientDisconnect: The caller went away.
        """
        self.first = await self._piece()
        self.is_whole = self.ended

    async def gather(self) -> bytes:
        """Read all of it, so that it can be checked before anything goes on.

        Raises:
            TooLarge: It is beyond the limit.
            starlette.requests.ClientDisconnect: The caller went away.
        """
        while not self.ended:
            self.first += await self._piece()
        self.is_whole = True
        return self.first

    async def rest(self) -> AsyncIterator[bytes]:
        """Give the first piece and all others as they come."""
        yield self.first
        while not self.ended:
            yield await self._piece()

    async def _piece(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece: bytes = message.get("body", b"")
        self._size += len(piece)
        if self._size > BODY_MAX_BYTES:
            self.refusal = TooLarge(limit_bytes=BODY_MAX_BYTES)
            raise self.refusal
        self.ended = not message.get("more_body", False)
        return piece
