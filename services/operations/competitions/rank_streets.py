"""Rank the streets of a competition that is over."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.competitions import queries
from services.operations.competitions.rules import COUNTS, FORMULA, PLACES, CompetitionNotOver, rank
from services.operations.competitions.tables import CompetitionRanking
from shared.clock import local_day

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True, slots=True)
class Order:
    """Who has which competition ranked and why; with records left out and flags cleared by appeals."""

    competition_id: uuid.UUID
    by: str
    now: datetime
    because: str = "竞赛结束 / the competition is over"
    excluded: Sequence[uuid.UUID] = ()
    cleared: Sequence[str] = ()


async def rank_streets(session: AsyncSession, command: Order) -> CompetitionRanking:
    """Rank the streets as the next revision, one after the other; what earlier appeals left out or cleared stays so.

    Raises:
        CompetitionUnseen: There is no such competition.
        CompetitionNotOver: Its days are not over.
    """
    of = await queries.competition(session, command.competition_id)
    if local_day(command.now) <= of.last_day:
        raise CompetitionNotOver(last_day=of.last_day.isoformat())
    await session.execute(_ALONE, {"name": f"competition {of.id}"})
    standing = await queries.ranking(session, of.id)
    excluded = {uuid.UUID(one) for one in standing.excluded} if standing else set()
    excluded |= set(command.excluded)
    cleared = sorted({*(standing.cleared if standing else ()), *command.cleared})
    counts = await queries.counts(session, of, sorted(excluded))
    days = (of.last_day - of.first_day).days + 1
    formula = FORMULA.validate_python(of.formula["weights"])
    places = rank(formula, of.populations, counts, days=days, cleared=cleared)
    row = CompetitionRanking(
        competition_id=of.id,
        revision=(standing.revision if standing else 0) + 1,
        counts=COUNTS.dump_python(counts),
        places=PLACES.dump_python(places),
        excluded=[str(one) for one in sorted(excluded)],
        cleared=cleared,
        because=command.because,
        ranked_at=command.now,
        ranked_by=command.by,
    )
    session.add(row)
    await session.flush()
    return row
