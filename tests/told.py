"""What a service told: the events in its outbox."""

from typing import Any

from sqlalchemy import select

from shared.database import Database
from shared.outbox import OutboxRow


async def told(database: Database, kind: str) -> list[dict[str, Any]]:
    """Return the data of the events of a kind, in order."""
    async with database.transaction() as session:
        rows = await session.scalars(select(OutboxRow.data).where(OutboxRow.type == kind).order_by(OutboxRow.id))
        return list(rows)
