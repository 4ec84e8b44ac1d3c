"""A lease: one owner at a time of a piece of work, by the database's clock, taken over when its owner falls silent."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Database, PlatformBase

LEASE_S = 10.0


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
        self._bound = {"name": name, "owner": owner}

    async def hold(self) -> bool:
        """Take or prolong the lease for LEASE_S seconds; tell whether it is ours."""
        async with self._database.transaction() as session:
            return (await session.scalar(_HOLD, {**self._bound, "seconds": LEASE_S})) is not None

    async def release(self) -> None:
        """Give it up, so that the next owner need not wait."""
        async with self._database.transaction() as session:
            await session.execute(_RELEASE, self._bound)
