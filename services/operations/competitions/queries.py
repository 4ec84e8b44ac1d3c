"""Reads of competitions."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.competitions.rules import LAST_DAYS, CompetitionUnseen, Counted
from services.operations.competitions.tables import Competition, CompetitionAppeal, CompetitionRanking

_COUNTS = text("""
    WITH records AS (
        SELECT left(community_code, 9) AS street, measure, actor, day,
            extract(hour FROM occurred_at AT TIME ZONE interval '8 hours') < 5 AS night
        FROM cockpit_record
        WHERE community_code BETWEEN :low AND :high AND day BETWEEN :before AND :last AND source_id <> ALL (:excluded)
    ), hands AS (
        SELECT street, measure, max(done) AS top_actor FROM (
            SELECT street, measure, actor, count(*) AS done FROM records WHERE day >= :first GROUP BY 1, 2, 3) AS each
        GROUP BY 1, 2
    )
    SELECT street, measure, count(*) FILTER (WHERE day >= :first), count(*) FILTER (WHERE day < :first),
        coalesce(max(top_actor), 0), count(*) FILTER (WHERE day >= :first AND night),
        count(*) FILTER (WHERE day >= :rush)
    FROM records LEFT JOIN hands USING (street, measure)
    GROUP BY 1, 2 ORDER BY 1, 2
""").bindparams(bindparam("excluded", type_=ARRAY(UUID(as_uuid=True))))


async def competition(session: AsyncSession, competition_id: uuid.UUID) -> Competition:
    """Return a competition.

    Raises:
        CompetitionUnseen: There is none.
    """
    found = await session.get(Competition, competition_id)
    if found is None:
        raise CompetitionUnseen(what=str(competition_id))
    return found


async def counts(session: AsyncSession, of: Competition, excluded: Sequence[uuid.UUID]) -> list[Counted]:
    """Count the records of each street in the days of a competition, and in as many days before."""
    length = of.last_day - of.first_day + timedelta(days=1)
    bounds = {
        "low": of.area_code.ljust(12, "0"),
        "high": of.area_code.ljust(12, "9"),
        "before": of.first_day - length,
        "first": of.first_day,
        "last": of.last_day,
        "rush": max(of.first_day, of.last_day - timedelta(days=LAST_DAYS - 1)),
        "excluded": list(excluded),
    }
    return [Counted(*row) for row in await session.execute(_COUNTS, bounds)]


async def ranking(session: AsyncSession, competition_id: uuid.UUID) -> CompetitionRanking | None:
    """Return the ranking that stands: the latest revision."""
    rows = select(CompetitionRanking).where(CompetitionRanking.competition_id == competition_id)
    found: CompetitionRanking | None = await session.scalar(rows.order_by(CompetitionRanking.revision.desc()).limit(1))
    return found


async def appeal(session: AsyncSession, competition_id: uuid.UUID, appeal_id: uuid.UUID) -> CompetitionAppeal:
    """Return an appeal, locked: it is decided once.

    Raises:
        CompetitionUnseen: There is none.
    """
    key = (competition_id, appeal_id)
    found = await session.get(CompetitionAppeal, key, with_for_update=True, populate_existing=True)
    if found is None:
        raise CompetitionUnseen(what=str(appeal_id))
    return found
