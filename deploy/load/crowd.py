"""Residents who earn by a bin's signed deeds and pay merchants next door, over and over, and write down what they did.

Every call that met a fault is tried again with its key (`deploy.demo.callers`), so each write is answered in the end,
and the books tell what must stand in the ledger: this, once, and nothing else.
"""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from deploy.demo.callers import Caller
from deploy.demo.forms import QINGBO
from deploy.load.residents import Resident
from deploy.load.town import ACTIVITY

PRICES = (9, 18, 27, 36, 45, 54, 63, 72, 81, 90)
BIN = "smart-bins-330102"


@dataclass
class Books:
    """What the crowd knows by the answers it got.

    Attributes:
        balances: Points that each resident holds.
        owed: Points that each merchant was paid.
        redemptions: The answers, by the idempotency key of the request.
        replayed: How many answers came from an earlier try, of which the crowd saw nothing.
        deeds: How many deeds were registered.
        failures: What was answered otherwise than it should have been.
    """

    balances: Counter[uuid.UUID] = field(default_factory=Counter)
    owed: Counter[str] = field(default_factory=Counter)
    redemptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    replayed: int = 0
    deeds: int = 0
    failures: list[str] = field(default_factory=list)


class Crowd:
    """Residents at their business over one gateway.

    Args:
        http: A client of the gateway.
        cast: The sandbox's callers, of whom the bin takes part.
        residents: Those who live.
        merchants: Whom they pay.
        pause_s: How long each rests between two calls, on average.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        cast: Mapping[str, Caller],
        residents: Sequence[Resident],
        merchants: Sequence[str],
        pause_s: float,
    ) -> None:
        self.books = Books()
        self._bin = cast[BIN]
        self._callers = {resident.resident_id: Caller(http, resident) for resident in residents}
        self._merchants = merchants
        self._pause_s = pause_s
        self._dice = random.Random()  # noqa: S311 - who buys what
        self._going_home = asyncio.Event()

    async def live(self) -> None:
        """Let all of them earn and pay until they are sent home."""
        await asyncio.gather(*(self._live(resident_id) for resident_id in self._callers))

    def go_home(self) -> None:
        """Let each finish the call that it is at."""
        self._going_home.set()

    async def _live(self, resident_id: uuid.UUID) -> None:
        await self._rest()  # else all would call at once
        while not self._going_home.is_set():
            price = self._dice.choice(PRICES)
            try:
                if self.books.balances[resident_id] < 2 * price:
                    await self._earn(resident_id)
                else:
                    await self._pay(resident_id, price)
            except (httpx.HTTPError, ValueError, KeyError) as error:
                self.books.failures.append(repr(error))
            await self._rest()

    async def _rest(self) -> None:
        pause_s = self._dice.uniform(0, 2 * self._pause_s)
        try:
            async with asyncio.timeout(pause_s):
                await self._going_home.wait()
        except TimeoutError:
            return

    async def _earn(self, resident_id: uuid.UUID) -> None:
        answer = await self._bin.try_post("/v1/points/deeds", deed_of(resident_id))
        if self._is_good(answer):
            self.books.balances[resident_id] += answer.json()["points"]
            self.books.deeds += 1

    async def _pay(self, resident_id: uuid.UUID, price: int) -> None:
        caller, merchant_id = self._callers[resident_id], self._dice.choice(self._merchants)
        quoted = await caller.try_post("/v1/points/quotes", {"merchant_id": merchant_id, "price": price})
        if not self._is_good(quoted):
            return
        await self._rest()
        key = uuid.uuid4().hex
        answer = await caller.try_post("/v1/points/redemptions", {"quote_id": quoted.json()["id"]}, key=key)
        if self._is_good(answer):
            paid = self.books.redemptions[key] = answer.json()
            self.books.balances[resident_id] -= paid["paid"]
            self.books.owed[merchant_id] += paid["price"]

    def _is_good(self, answer: httpx.Response) -> bool:
        self.books.replayed += "Idempotency-Replayed" in answer.headers
        if answer.status_code != httpx.codes.CREATED:
            self.books.failures.append(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
        return answer.status_code == httpx.codes.CREATED


def deed_of(resident_id: uuid.UUID) -> dict[str, Any]:
    """Return a deed that a bin has just seen."""
    return {
        "community_code": QINGBO,
        "activity": ACTIVITY,
        "reference": uuid.uuid4().hex,
        "resident_id": str(resident_id),
        "quantity": 1,
        "occurred_at": datetime.now(UTC).isoformat(),
        "evidence": {"device": "bin-0017"},
    }
