"""What the services say of themselves, kept up to date: for people as one OpenAPI, for the door as contracts."""

import asyncio
import time
from collections.abc import Collection, Iterable

from pyreqwest.exceptions import PyreqwestError

from gateway.aggregate import Document, aggregate, reachable
from gateway.contract import Contract
from gateway.outages import ServiceAway
from gateway.routes import Route, shape
from gateway.upstream import Upstream

KEPT_S = 30.0
KEPT_WHILE_INCOMPLETE_S = 2.0
LOOK_AGAIN_S = 1.0
FETCH_TIMEOUT_S = 10.0


class Description:
    """Keeps the public description, made anew from time to time, and soon when a service was away."""

    def __init__(self, upstream: Upstream, routes: Iterable[Route], url: str) -> None:
        self._upstream = upstream
        self._routes = tuple(routes)
        self._url = url
        self._asking = asyncio.Lock()
        self._documents: dict[str, Document] = {}
        self._made = aggregate({}, self._routes, url)
        self._contracts: dict[str, Contract] = {}
        self._looked_at = self._good_until = float("-inf")

    async def follow(self) -> None:
        """Keep up with the services until cancelled."""
        while True:
            await self.current()
            await asyncio.sleep(KEPT_WHILE_INCOMPLETE_S)

    async def current(self) -> Document:
        """Return the description; a service that is away now is described as it was last seen."""
        async with self._asking:
            if time.monotonic() >= self._good_until:
                await self._look()
            return self._made

    async def of(self, operations: Collection[str]) -> Document:
        """Return the description of some operations alone, for those who may call no others."""
        whole = await self.current()
        wanted = {
            (route.method.lower(), shape(route.template)) for route in self._routes if route.operation in operations
        }
        paths = {
            path: kept
            for path, methods in whole["paths"].items()
            if (kept := {method: each for method, each in methods.items() if (method, shape(path)) in wanted})
        }
        components = whole["components"]
        schemas = reachable([paths, components["responses"]], components["schemas"])
        return {**whole, "paths": paths, "components": {**components, "schemas": schemas}}

    async def contract(self, route: Route) -> Contract:
        """Return what an operation takes, as it was last described.

        Raises:
            ServiceAway: Its service has never been there to say, or says nothing of it.
        """
        found = self._contracts.get(route.operation) or self._compile(route)
        if found is None and await self.newer():
            found = self._compile(route)
        if found is None:
            raise ServiceAway(service=route.service)
        return found

    @property
    def unknown(self) -> list[str]:
        """The services that have never been there to say what they take."""
        return [service for service in self._upstream.services if service not in self._documents]

    async def newer(self) -> bool:
        """Look whether the services say something else by now, at most once in LOOK_AGAIN_S seconds."""
        before = self._made
        async with self._asking:
            if time.monotonic() - self._looked_at >= LOOK_AGAIN_S:
                await self._look()
        return self._made is not before

    def _compile(self, route: Route) -> Contract | None:
        for path, methods in self._made["paths"].items():
            if shape(path) == shape(route.template) and route.method.lower() in methods:
                operation, schemas = methods[route.method.lower()], self._made["components"]["schemas"]
                named = [
                    operation.get("parameters", []),
                    operation.get("requestBody", {}),
                    operation.get("responses", {}),
                ]
                self._contracts[route.operation] = Contract(path, operation, reachable(named, schemas))
                return self._contracts[route.operation]
        return None

    async def _look(self) -> None:
        services = self._upstream.services
        fetched = await asyncio.gather(*(self._fetch(service) for service in services))
        answered = {s: d for s, d in zip(services, fetched, strict=True) if d is not None}
        if any(self._documents.get(service) != document for service, document in answered.items()):
            self._documents.update(answered)
            self._made = aggregate(self._documents, self._routes, self._url)
            self._contracts = {}
        self._looked_at = time.monotonic()
        kept_s = KEPT_S if len(answered) == len(services) else KEPT_WHILE_INCOMPLETE_S
        self._good_until = self._looked_at + kept_s

    async def _fetch(self, service: str) -> Document | None:
        try:
            status, document = await self._upstream.look(service, "/openapi.json", timeout_s=FETCH_TIMEOUT_S)
        except (PyreqwestError, ValueError):
            return None
        return document if status == 200 and isinstance(document, dict) else None  # noqa: PLR2004 - the good status
