"""Roll something that happened up into its community's day."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.cockpit.rules import Measure
from shared.clock import local_day


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened: `source_id` is unique per measure, `amount` is in points, or 1."""

    community_code: str
    measure: Measure
    source_id: uuid.UUID
    amount: int
    actor: uuid.UUID
    occurred_at: datetime


# Built once: building the statement for each event takes longer than running it.
_ROLL_UP = text("""
    WITH added AS (
        INSERT INTO cockpit_record (community_code, measure, source_id, day, amount, actor, occurred_at)
        VALUES (:community_code, :measure, :source_id, :day, :amount, :actor, :occurred_at)
        ON CONFLICT DO NOTHING
        RETURNING *
    )
    INSERT INTO cockpit_day AS known (community_code, day, measure, count, amount, occurred_at, received_at)
    SELECT community_code, day, measure, 1, amount, occurred_at, now() FROM added
    ON CONFLICT (community_code, day, measure) DO UPDATE
    SET count = known.count + 1, amount = known.amount + excluded.amount,
        occurred_at = greatest(known.occurred_at, excluded.occurred_at), received_at = excluded.received_at
""")


async def roll_up(session: AsyncSession, command: Happened) -> None:
    """Keep a record, and add it to its day in China; the same happening counts once, whatever brings it again."""
    await session.execute(_ROLL_UP, {**asdict(command), "day": local_day(command.occurred_at)})
