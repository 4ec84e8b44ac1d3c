"""Reads of permits and burdens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.burdens.rules import Permit, Verdict
from services.operations.burdens.tables import BurdenDemand, EntryPermit

PERMITS_MAX = 500


@dataclass(frozen=True, slots=True)
class Burden:
    """What one matter of a department came to in a year: cases admitted and turned away, and minutes."""

    department: str
    matter: str
    admitted: int
    turned_away: int
    minutes: int


def permit_of(row: EntryPermit) -> Permit:
    """Return what a row says, for the rules."""
    return Permit(row.area, row.starts_on, row.ends_on, row.cases_per_year, cast("Verdict | None", row.verdict))


async def permits(session: AsyncSession, area: str, day: date) -> Sequence[EntryPermit]:
    """Return the permits and applications that concern an area and have not ended, those that wait first."""
    concerns = or_(
        EntryPermit.area.startswith(area), EntryPermit.area == func.left(area, func.length(EntryPermit.area))
    )
    rows = select(EntryPermit).where(concerns, EntryPermit.ends_on >= day)
    return (
        await session.scalars(rows.order_by(EntryPermit.verdict.nulls_first(), EntryPermit.id).limit(PERMITS_MAX))
    ).all()


async def burdens(session: AsyncSession, area: str, year: int) -> list[Burden]:
    """Return what was asked of an area's communities in a year, what took most time first."""
    minutes = func.sum(BurdenDemand.minutes)
    rows = (
        select(
            BurdenDemand.department,
            BurdenDemand.matter,
            func.count(BurdenDemand.case_no),
            func.count(BurdenDemand.turned_away),
            minutes,
        )
        .where(BurdenDemand.community_code.startswith(area), BurdenDemand.year == year)
        .group_by(BurdenDemand.department, BurdenDemand.matter)
        .order_by(minutes.desc(), BurdenDemand.department, BurdenDemand.matter)
    )
    return [Burden(*row) for row in await session.execute(rows)]
