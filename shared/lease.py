"""A lease: one owner at a time of a piece of work, by the database's clock, taken over when its owner falls silent."""

import time
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Database, PlatformBase

LEASE_S = 10.0
STANDBY_S = 1.0  # how often one who waits for a lease asks for it


class LeaseRow(PlatformBase):
    """Who owns a piece of work, and until when."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    expires_at: Mapped[datetime]


_HOLD = text("""
    INSERT INTO lease AS held (name, owner, expires_at)
    VALUES (:name, :owner, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
    WHERE held.owner = excluded.owner OR held.expires_at < clock_timestamp()
    RETURNING owner
""")
_RELEASE = text("DELETE FROM lease WHERE name = :name AND owner = :owner")


class Lease:
    """One owner's claim to a piece of work."""

    def __init__(self, database: Database, name: str, owner: str) -> None:
        self._database = database
        self._bound = {"name": name, "owner": owner, "seconds": LEASE_S}
        self._term = 0
        self._ours_until = 0.0
        self._ask_again_at = 0.0

    async def hold(self) -> int:
        """Hold the lease, taking or prolonging it when need be; cheap enough to ask before each step of the work.

        Returns:
            0 while another owner has it, else the number of our term: a new number means that the lease was taken
            anew, and another may have done some of the work since the last term.
        """
        now = time.monotonic()
        if now < self._ask_again_at:
            return self._term if now < self._ours_until else 0
        async with self._database.transaction() as session:
            ours = await session.scalar(_HOLD, self._bound) is not None
        if not ours:
            self._ours_until, self._ask_again_at = 0.0, now + STANDBY_S
            return 0
        if now >= self._ours_until:
            self._term += 1
        self._ours_until, self._ask_again_at = now + LEASE_S, now + LEASE_S / 2
        return self._term

    async def release(self) -> None:
        """Give it up, so that the next owner need not wait."""
        if self._ours_until:
            self._ours_until = self._ask_again_at = 0.0
            async with self._database.transaction() as session:
                await session.execute(_RELEASE, self._bound)
