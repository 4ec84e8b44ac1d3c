"""The replicas of one service, and whose turn it is."""

from collections.abc import Sequence


class Replicas:
    """Where a service is.

    Args:
        urls: The base URL of each replica.

    Attributes:
        urls: The same.
        ready: Those that said so when they were last asked; until then all.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        self.urls = self.ready = list(urls)
        self._turn = 0

    def in_turn(self) -> list[str]:
        """Return all, those that are ready first, beginning with the next in turn."""
        self._turn += 1
        first = self._turn % len(self.ready) if self.ready else 0
        ready = self.ready[first:] + self.ready[:first]
        return ready + [url for url in self.urls if url not in ready]
