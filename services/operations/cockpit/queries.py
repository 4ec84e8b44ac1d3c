"""Reads of the cockpit."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.cockpit.rules import Measure
from services.operations.cockpit.tables import CockpitRecord


@dataclass(frozen=True, slots=True)
class Span:
    """An area and the days that are asked for, both ends included."""

    area: str
    first: date
    last: date

    def bounds(self) -> dict[str, object]:
        """Return what a statement needs: a range of codes, so that the primary key serves in any collation."""
        low, high = self.area.ljust(12, "0"), self.area.ljust(12, "9")
        return {"low": low, "high": high, "first": self.first, "last": self.last}


@dataclass(frozen=True, slots=True)
class Sum:
    """What a community's month comes to in one measure, and how fresh that is."""

    community_code: str
    month: date
    measure: Measure
    count: int
    amount: int
    occurred_at: datetime
    received_at: datetime


_SUMS = text("""
    SELECT community_code, CAST(date_trunc('month', day) AS date), measure, CAST(sum(count) AS bigint),
        CAST(sum(amount) AS bigint), max(occurred_at), max(received_at)
    FROM cockpit_day
    WHERE community_code BETWEEN :low AND :high AND day BETWEEN :first AND :last
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")


async def sums(session: AsyncSession, span: Span) -> list[Sum]:
    """Return the sums of an area's days, by community, month and measure."""
    return [Sum(*row) for row in await session.execute(_SUMS, span.bounds())]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list a record stands."""

    community_code: str
    day: date
    source_id: uuid.UUID


async def records(
    session: AsyncSession, span: Span, measure: Measure, after: Place | None, most: int
) -> Sequence[CockpitRecord]:
    """Return the records that the sums are of, by community and day."""
    bounds = span.bounds()
    rows = select(CockpitRecord).where(
        CockpitRecord.community_code.between(cast("str", bounds["low"]), cast("str", bounds["high"])),
        CockpitRecord.measure == measure,
        CockpitRecord.day.between(span.first, span.last),
    )
    order = (CockpitRecord.community_code, CockpitRecord.day, CockpitRecord.source_id)
    if after:
        rows = rows.where(tuple_(*order) > tuple_(after.community_code, after.day, after.source_id))
    return (await session.scalars(rows.order_by(*order).limit(most))).all()
