"""Erasure of a resident (PIPL art. 47): each service takes the request in, erases by its own verb, and answers.

The id is kept with the request until no event that names it can come any more; then all is erased once again, of what
came late, and the request is forgotten.
"""

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Uuid, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Database, PlatformBase
from shared.events.gateway import ErasureRequested
from shared.log.topics import TOPICS

LOG_KEPT = timedelta(days=TOPICS["scenarios"].retention_days + 1)
"""No event about a resident is kept longer, nor the answers to its requests."""
ERASE_EVERY_S = 60.0

log = structlog.get_logger()


class ErasureDue(PlatformBase):
    """Whom to erase here, on whose word, and whether it was done; `pseudonym` takes the place of the id."""

    __tablename__ = "erasure_due"

    request_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    community_code: Mapped[str]
    resident_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    pseudonym: Mapped[uuid.UUID] = mapped_column(Uuid, server_default=text("gen_random_uuid()"))
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


Erase = Callable[[AsyncSession, ErasureDue, datetime], Awaitable[bool]]
"""Erases a resident in one service; false when something must be over first. It is called again later."""
Tell = Callable[[AsyncSession, ErasureDue], Awaitable[None]]


async def note_erasure(session: AsyncSession, event: ErasureRequested) -> None:
    """Note that a resident is to be erased here; the worker does it."""
    facts = event.model_dump()
    await session.execute(insert(ErasureDue).values(facts).on_conflict_do_nothing())


async def erase_due(database: Database, erase: Erase, tell: Tell, now: datetime) -> None:
    """Erase whom it is time for, each in a transaction of its own, so that none waits for another.

    Args:
        database: The service's.
        erase: Its verb.
        tell: Says, in the same transaction, that it was done.
        now: The time.
    """
    is_due = or_(ErasureDue.erased_at.is_(None), ErasureDue.erased_at < now - LOG_KEPT)
    async with database.transaction() as session:
        due = (await session.scalars(select(ErasureDue.request_id).where(is_due))).all()
    for request_id in due:
        try:
            async with database.transaction() as session:
                await _erase_one(session, request_id, erase, tell, now)
        except Exception:
            log.exception("not erased, and tried again", request_id=str(request_id))


async def _erase_one(session: AsyncSession, request_id: uuid.UUID, erase: Erase, tell: Tell, now: datetime) -> None:
    row = await session.get(ErasureDue, request_id, with_for_update={"skip_locked": True})
    if row is None or not await erase(session, row, now):
        return
    if row.erased_at is None:
        row.erased_at = now
        await tell(session, row)
    elif row.erased_at < now - LOG_KEPT:
        await session.delete(row)


_FORGET = text("SELECT forget_resident(:resident_id, :pseudonym)")


async def forget(session: AsyncSession, row: ErasureDue) -> None:
    """Put a pseudonym in the place of a resident's id in all tables, and empty what the resident said.

    The service's role may do neither: the database's function `forget_resident` does both, and nothing else.
    """
    await session.flush()
    await session.execute(_FORGET, {"resident_id": row.resident_id, "pseudonym": row.pseudonym})
