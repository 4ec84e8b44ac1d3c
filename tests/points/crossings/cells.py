"""Two cells with databases of their own, and a log between them that loses nothing for good and keeps no order."""

import asyncio
import heapq
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.crossings.decide_crossing import decide_crossing
from services.points.crossings.finish_crossing import finish_crossing
from services.points.crossings.repeat_requests import repeat_requests
from services.points.crossings.request_crossing import RequestCrossing, request_crossing
from services.points.crossings.tables import Crossing
from services.points.exchange.rules import BASIS, Terms
from shared.database import Database
from shared.events.points import CrossingDecided, CrossingRequested
from shared.inbox import Inbox, on
from shared.log import Message
from shared.outbox import Position, behind, read_committed
from tests.points.book import DONGJIANG, NOW, QINGBO, grant
from tests.points.exchange.town import CORNER_SHOP, LI, SHOP, ZHANG, agree, settle_in

CELLS = {QINGBO: "330102", DONGJIANG: "330281"}
RESIDENTS = {QINGBO: ZHANG, DONGJIANG: LI}
SHOPS = {QINGBO: CORNER_SHOP, DONGJIANG: SHOP}
OTHER = {QINGBO: DONGJIANG, DONGJIANG: QINGBO}
DISCOUNTED = Terms(BASIS, 1000)


class Killed(BaseException):
    """The process died; nothing in it could catch that."""


async def settle_cell(database: Database, points: int = 10**9) -> None:
    """Lay the same out in a cell's database: both communities, a corridor each way, its merchants and residents."""
    async with database.transaction() as session:
        await settle_in(session, points)
        for here, there in OTHER.items():
            await agree(session, DISCOUNTED, there=(here, there))


def asking(home: str, price: int = 90, **changed: object) -> RequestCrossing:
    """Ask for a purchase in the other cell."""
    asked = {
        "resident_id": RESIDENTS[home],
        "from_community": home,
        "to_community": OTHER[home],
        "merchant_id": SHOPS[OTHER[home]],
        "price": price,
        "paid_max": 10**9,
        **changed,
    }
    return RequestCrossing(**asked)  # type: ignore[arg-type]


async def request(
    session: AsyncSession, home: str, price: int = 90, *, now: datetime = NOW, **changed: object
) -> Crossing:
    """Ask for a purchase in the other cell, in the cell of `home`."""
    return await request_crossing(session, asking(home, price, **changed), cell=CELLS[home], now=now)


async def settle_people(database: Database, home: str, people: int) -> list[uuid.UUID]:
    """Let people settle in a cell, with more points than they could spend; returns who they are."""
    arrived = [uuid.uuid4() for _ in range(people)]
    async with database.transaction() as session:
        for who in arrived:
            await grant(session, who, 10**9, community_code=home)
    return arrived


@dataclass
class Cell:
    """A cell under way: what it takes in, and how far its outbox was shipped."""

    home: str
    database: Database
    at: Position = field(default_factory=Position)


@dataclass
class World:
    """Cells, the log between them, and a clock that only it moves.

    Each message is delivered at least once, twice or thrice now and then; most within seconds, some after minutes,
    later than their deadline; while the cells are cut off from each other, none. A process dies before its commit,
    which undoes it, or after, so that it comes again. One resident of each cell buys, or any of `people`.
    """

    cells: dict[str, Cell]
    dice: random.Random
    faults: bool = True
    now: datetime = NOW
    died: int = 0
    cut_until: datetime = NOW
    people: dict[str, list[uuid.UUID]] = field(default_factory=dict)
    _due: list[tuple[datetime, int, str, Message]] = field(default_factory=list)
    _number: Callable[[], int] = field(default_factory=lambda: count().__next__)

    async def buy(self, home: str) -> None:
        """Let a resident ask for something; the process may die before it is committed."""
        try:
            async with self.cells[home].database.transaction() as session:
                price, people = self.dice.randint(1, 300), self.people.get(home)
                buyer = {"resident_id": self.dice.choice(people)} if people else {}
                await request(session, home, price, now=self.now, **buyer)
                self._perhaps_die(0.02)
        except Killed:
            self.died += 1

    async def ship(self) -> None:
        """Bring what was told to the log, each message for the cell that it is for."""
        for cell in self.cells.values():
            async with cell.database.autocommit() as connection:
                rows = await read_committed(connection, "points", cell.at, 10_000)
                while not rows and (await behind(connection, cell.at))[0]:  # another database's transaction is older
                    await asyncio.sleep(0.05)
                    rows = await read_committed(connection, "points", cell.at, 10_000)
            for row in rows:
                message = Message("points", row.key, row.value, (row.position.xid, row.position.id))
                for _ in range(self.dice.choice((1, 1, 1, 1, 2, 3)) if self.faults else 1):
                    self._send(OTHER[cell.home], message)
                cell.at = row.position

    def _send(self, to: str, message: Message) -> None:
        late_s = self.dice.choice((1, 1, 2, 3, 5, 20, 90, 400)) if self.faults else 1
        due = max(self.now + timedelta(seconds=self.dice.uniform(0, late_s)), self.cut_until)
        heapq.heappush(self._due, (due, self._number(), to, message))

    async def pass_time(self, seconds: float) -> None:
        """Deliver what is due by then, in batches and in any order, and let each cell ask again."""
        self.now += timedelta(seconds=seconds)
        batches: dict[str, list[Message]] = {home: [] for home in self.cells}
        while self._due and self._due[0][0] <= self.now:
            _, _, to, message = heapq.heappop(self._due)
            batches[to].append(message)
        for home, messages in batches.items():
            self.dice.shuffle(messages)
            while messages:
                most = self.dice.randint(1, 60)
                await self._take(home, messages[:most])
                del messages[:most]
            async with self.cells[home].database.transaction() as session:
                await repeat_requests(session, now=self.now)
        await self.ship()

    async def _take(self, home: str, messages: list[Message]) -> None:
        try:
            await self._inbox(self.cells[home]).take(messages)
            self._perhaps_die(0.03)
        except Killed:
            self.died += 1
            for message in messages:
                self._send(home, message)

    def _inbox(self, cell: Cell) -> Inbox:
        async def decide(session: AsyncSession, event: CrossingRequested) -> None:
            self._perhaps_die(0.01)
            await decide_crossing(session, event, now=self.now)
            self._perhaps_die(0.01)

        async def finish(session: AsyncSession, event: CrossingDecided) -> None:
            self._perhaps_die(0.01)
            await finish_crossing(session, event, now=self.now)
            self._perhaps_die(0.01)

        return Inbox("points", cell.database, (on(CrossingRequested, decide), on(CrossingDecided, finish)))

    def _perhaps_die(self, chance: float) -> None:
        if self.faults and self.dice.random() < chance:
            raise Killed

    async def waiting(self) -> int:
        """Count what no decision has come for."""
        waiting = 0
        for cell in self.cells.values():
            async with cell.database.transaction() as session:
                waiting += await session.scalar(text("SELECT count(*) FROM crossing WHERE state = 'requested'")) or 0
        return waiting

    async def settle_down(self) -> None:
        """Let time pass until every crossing is decided and the log is empty."""
        await self.ship()
        while self._due or await self.waiting():
            await self.pass_time(30)


@dataclass(frozen=True)
class Sides:
    """Both sides of what crossed from one community to the other."""

    out: dict[uuid.UUID, tuple[str, int]]
    arrived: dict[uuid.UUID, tuple[bool, int]]
    owed: int
    claimed: int

    def check(self, *, at_rest: bool) -> None:
        """Hold each crossing's two sides against each other.

        Raises:
            AssertionError: There is half a transfer, or the two books do not mirror each other.
        """
        undecided = 0
        for crossing_id, (state, price) in self.out.items():
            accepted, arrived_price = self.arrived.get(crossing_id, (None, price))
            assert price == arrived_price
            if state == "captured":
                assert accepted is True
            elif state == "released":
                assert accepted is False
            elif accepted:
                undecided += price
        assert self.arrived.keys() <= self.out.keys(), "nothing arrives that did not leave"
        assert self.owed + undecided == -self.claimed, "what is owed here and held for it is claimed there"
        if at_rest:
            assert undecided == 0
            assert self.arrived.keys() == self.out.keys()


async def sides(world: World, home: str) -> Sides:
    """Read both sides of what leaves a community. The arrivals first: what is accepted later is held meanwhile."""
    there = OTHER[home]
    async with world.cells[there].database.transaction() as session:
        rows = await session.execute(text("SELECT crossing_id, accepted, price FROM arrival"))
        arrived = {row.crossing_id: (row.accepted, row.price) for row in rows}
        claimed = await _balance(session, there, home, "arrival")
    async with world.cells[home].database.transaction() as session:
        rows = await session.execute(text("SELECT crossing_id, state, price FROM crossing"))
        out = {row.crossing_id: (row.state, row.price) for row in rows}
        owed = await _balance(session, home, there, "crossing")
    return Sides(out, arrived, owed, claimed)


async def _balance(session: AsyncSession, code: str, counterparty: str, table: str) -> int:
    """Sum a correspondent account over what crossed in one direction."""
    found = await session.scalar(
        text(
            "SELECT sum(amount)::bigint FROM entry JOIN account USING (community_code, account_id)"  # noqa: S608
            " JOIN transfer USING (community_code, transfer_id)"
            f" JOIN {table} AS crossed ON crossed.community_code = transfer.community_code"
            "   AND crossed.crossing_id::text = reference"
            " WHERE transfer.community_code = :code AND account.kind = 'correspondent'"
            "   AND owner = 'correspondent:' || :other"
        ),
        {"code": code, "other": counterparty},
    )
    return found or 0
