"""Reads of surveys, check-ups and results."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.checkups.rules import (
    SUBCLASSES,
    SURVEY,
    CheckupUnseen,
    SchemeUnseen,
    Subclass,
    Survey,
    cutoff_of,
    digest_of,
    evaluate,
    is_listed,
)
from services.operations.checkups.tables import Checkup, CheckupResult, CheckupScheme, FacilitySurvey

_LATEST_FIRST = (FacilitySurvey.community_code, FacilitySurvey.surveyed_at.desc(), FacilitySurvey.id.desc())


async def scheme(session: AsyncSession, code: str) -> tuple[CheckupScheme, list[Subclass]]:
    """Return a scheme and its subclasses.

    Raises:
        SchemeUnseen: There is none.
    """
    row = await session.get(CheckupScheme, code)
    if row is None:
        raise SchemeUnseen(code=code)
    return row, SUBCLASSES.validate_python(row.subclasses)


async def surveys(session: AsyncSession, area_code: str, year: int) -> Mapping[str, Survey]:
    """Return the latest survey of a year of each community in an area."""
    rows = await session.scalars(
        select(FacilitySurvey)
        .where(
            FacilitySurvey.year == year,
            FacilitySurvey.community_code.between(area_code.ljust(12, "0"), area_code.ljust(12, "9")),
        )
        .ext(distinct_on(FacilitySurvey.community_code))
        .order_by(*_LATEST_FIRST)
    )
    return {row.community_code: _survey(row) for row in rows}


async def surveyed_after(session: AsyncSession, community_code: str, moment: datetime) -> Survey | None:
    """Return a community's latest survey if it was made after a moment."""
    row = await session.scalar(
        select(FacilitySurvey)
        .where(FacilitySurvey.community_code == community_code, FacilitySurvey.surveyed_at > moment)
        .order_by(*_LATEST_FIRST)
        .limit(1)
    )
    return _survey(row) if row else None


def _survey(row: FacilitySurvey) -> Survey:
    return SURVEY.validate_python({"households": row.households, "found": row.found})


async def checkup(session: AsyncSession, checkup_id: uuid.UUID) -> Checkup:
    """Return a check-up.

    Raises:
        CheckupUnseen: There is none.
    """
    row = await session.get(Checkup, checkup_id)
    if row is None:
        raise CheckupUnseen(checkup_id=str(checkup_id))
    return row


async def result(session: AsyncSession, checkup_id: uuid.UUID, community_code: str) -> CheckupResult:
    """Return a community's result in a check-up.

    Raises:
        CheckupUnseen: There is none.
    """
    row = await session.get(CheckupResult, (community_code, checkup_id))
    if row is None:
        raise CheckupUnseen(checkup_id=str(checkup_id))
    return row


async def results(
    session: AsyncSession, checkup_id: uuid.UUID, after: str, most: int, *, listed: bool | None = None
) -> Sequence[CheckupResult]:
    """Return results in the order of the codes, those on the list or off it if asked for."""
    rows = select(CheckupResult).where(CheckupResult.checkup_id == checkup_id, CheckupResult.community_code > after)
    if listed is not None:
        rows = rows.where(CheckupResult.listed == listed)
    return (await session.scalars(rows.order_by(CheckupResult.community_code).limit(most))).all()


async def reproduced(session: AsyncSession, of: Checkup) -> tuple[str, int]:
    """Compute a check-up again from its snapshot alone; returns the digest and how many are listed."""
    row, subclasses = await scheme(session, of.scheme)
    kept = select(CheckupResult.community_code, CheckupResult.snapshot).where(CheckupResult.checkup_id == of.id)
    indexes = {
        code: evaluate(SURVEY.validate_python(snapshot), subclasses).index_bp
        for code, snapshot in await session.execute(kept)
    }
    cutoff = cutoff_of(index for index in indexes.values() if index is not None)
    found = {code: (index, is_listed(index, cutoff)) for code, index in indexes.items()}
    return digest_of(found, row.subclasses), sum(listed for _, listed in found.values())
