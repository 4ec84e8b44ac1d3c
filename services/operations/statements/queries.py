"""Reads of operating statements."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.statements.rules import StatementUnseen
from services.operations.statements.tables import OperatingStatement

_LATEST_FIRST = (OperatingStatement.community_code, OperatingStatement.revision.desc())


async def latest(session: AsyncSession, year: int) -> Sequence[OperatingStatement]:
    """Return the statement in force of each community for a year."""
    of_year = select(OperatingStatement).where(OperatingStatement.year == year)
    rows = of_year.ext(distinct_on(OperatingStatement.community_code)).order_by(*_LATEST_FIRST)
    return (await session.scalars(rows)).all()


async def get(session: AsyncSession, community_code: str, year: int) -> OperatingStatement:
    """Return a community's statement in force for a year.

    Raises:
        StatementUnseen: None has been filed.
    """
    statement = await session.scalar(
        select(OperatingStatement)
        .where(OperatingStatement.community_code == community_code, OperatingStatement.year == year)
        .order_by(*_LATEST_FIRST)
        .limit(1)
    )
    if statement is None:
        raise StatementUnseen(code=community_code, year=year)
    return statement
