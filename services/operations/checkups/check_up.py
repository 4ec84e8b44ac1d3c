"""Check an area up: an index for each surveyed community, and the lowest tenth on the remedy list."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.checkups import queries
from services.operations.checkups.rules import (
    SURVEY,
    NothingSurveyed,
    cutoff_of,
    digest_of,
    evaluate,
    is_listed,
)
from services.operations.checkups.tables import Checkup, CheckupResult


@dataclass(frozen=True, slots=True)
class Order:
    """Who has which area checked up for which year, by which scheme."""

    area_code: str
    year: int
    scheme: str
    by: str
    now: datetime


async def check_up(session: AsyncSession, command: Order) -> Checkup:
    """Evaluate the surveys of an area, and keep what it was computed from beside each result.

    Raises:
        SchemeUnseen: There is no such scheme.
        NothingSurveyed: Nothing in the area has been surveyed that year.
    """
    scheme, subclasses = await queries.scheme(session, command.scheme)
    surveys = await queries.surveys(session, command.area_code, command.year)
    if not surveys:
        raise NothingSurveyed(area=command.area_code, year=command.year)
    indexes = {code: evaluate(survey, subclasses) for code, survey in surveys.items()}
    ranked = [index.index_bp for index in indexes.values() if index.index_bp is not None]
    cutoff = cutoff_of(ranked)
    outcome = {code: (index.index_bp, is_listed(index.index_bp, cutoff)) for code, index in indexes.items()}
    checkup = Checkup(
        area_code=command.area_code,
        year=command.year,
        scheme=command.scheme,
        surveyed=len(surveys),
        ranked=len(ranked),
        listed=sum(listed for _, listed in outcome.values()),
        cutoff_bp=cutoff,
        digest=digest_of(outcome, scheme.subclasses),
        evaluated_at=command.now,
        evaluated_by=command.by,
    )
    session.add(checkup)
    await session.flush()
    rows = [
        {
            "community_code": code,
            "checkup_id": checkup.id,
            "snapshot": SURVEY.dump_python(surveys[code]),
            "index_bp": index.index_bp,
            "known_bp": index.known_bp,
            "missing": index.missing,
            "low_use": index.low_use,
            "listed": outcome[code][1],
        }
        for code, index in indexes.items()
    ]
    await session.execute(insert(CheckupResult), rows)
    return checkup
