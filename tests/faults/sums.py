"""Reads the sum of each book over and over while the platform is being damaged."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import asyncpg

PAUSE_S = 0.1
_SUMS = "SELECT community_code, asset_class, sum(amount) AS total FROM entry GROUP BY 1, 2"


@dataclass
class Sums:
    """What was read.

    Attributes:
        reads: How many times.
        faults: What kept it from reading, by the error's name.
        wrong: What was seen that is not 0, in words.
    """

    reads: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    async def read_all_along(self, dsn: str) -> None:
        """Read until cancelled; a server that is away is no wrong total."""
        while True:
            try:
                connection = await asyncpg.connect(dsn)
                try:
                    while True:
                        await self._read(connection)
                        await asyncio.sleep(PAUSE_S)
                finally:
                    connection.terminate()
            except Exception as fault:  # noqa: BLE001 - a driver whose server is shot says it in many ways
                self.faults[type(fault).__name__] += 1
                await asyncio.sleep(PAUSE_S)

    async def come_to(self, reads: int) -> None:
        """Wait until so many reads have been made."""
        while self.reads < reads:  # noqa: ASYNC110 - a few polls, no bell
            await asyncio.sleep(PAUSE_S)

    async def _read(self, connection: asyncpg.Connection) -> None:
        rows = await connection.fetch(_SUMS)
        self.reads += bool(rows)
        self.wrong += [f"{row['community_code']} {row['asset_class']}: {row['total']}" for row in rows if row["total"]]
