"""Whether the gateway knows what is in force and what the services take, and they can do their work."""

import asyncio
import time

from gateway.description import Description
from gateway.snapshot import Configuration
from gateway.upstream import Upstream

KEPT_S = 1.0


class Readiness:
    """Asks the services, at most once in KEPT_S seconds."""

    def __init__(self, upstream: Upstream, description: Description, configuration: Configuration) -> None:
        self._upstream = upstream
        self._description = description
        self._configuration = configuration
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self._away: list[str] = []

    async def away(self) -> list[str]:
        """Return what is not ready: services, or the configuration."""
        async with self._asking:
            if time.monotonic() - self._asked_at > KEPT_S:
                services = self._upstream.services
                ready = await asyncio.gather(*(self._upstream.any_is_ready(service) for service in services))
                unknown = self._description.unknown
                self._away = [s for s, is_ready in zip(services, ready, strict=True) if not is_ready or s in unknown]
                self._asked_at = time.monotonic()
            return self._away if self._configuration.current.revision else ["configuration", *self._away]
