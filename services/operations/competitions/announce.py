"""Announce a competition: its formula is published before its days begin, and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.competitions.rules import FORMULA, Weight, check_announcement, digest_of
from services.operations.competitions.tables import Competition


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is announced by whom: the streets with their populations, the days, and the formula."""

    area_code: str
    title: str
    first_day: date
    last_day: date
    formula: Sequence[Weight]
    populations: Mapping[str, int]
    by: str
    now: datetime


async def announce(session: AsyncSession, command: Announcement) -> Competition:
    """Announce a competition.

    Raises:
        FormulaInadmissible: The weights do not come to 100, or a measure stands twice.
        AnnouncedTooLate: The days have begun.
    """
    check_announcement(command.formula, command.first_day, command.now)
    row = Competition(
        area_code=command.area_code,
        title=command.title,
        first_day=command.first_day,
        last_day=command.last_day,
        formula={"weights": FORMULA.dump_python(list(command.formula))},
        populations=dict(command.populations),
        digest=digest_of(command.formula, command.populations, command.first_day, command.last_day),
        announced_at=command.now,
        announced_by=command.by,
    )
    session.add(row)
    await session.flush()
    return row
