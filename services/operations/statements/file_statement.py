"""File a year's operating statement, or correct it by a later revision."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.statements.rules import CostCategory, Driver, IncomeCategory, ProjectType, Tier
from services.operations.statements.tables import OperatingStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is filed, in fen a year; `reserve_fen` is what is left at the end of the year."""

    community_code: str
    year: int
    project_type: ProjectType
    tier: Tier
    households: int | None
    costs: Mapping[CostCategory, int]
    income: Mapping[IncomeCategory, int]
    subsidy_fen: int
    in_kind_fen: int
    reserve_fen: int
    volumes: Mapping[Driver, int]
    filed_at: datetime
    filed_by: str


async def file_statement(session: AsyncSession, command: Statement) -> OperatingStatement:
    """File a statement as the next revision of its year.

    Raises:
        CommunityNotRegistered: The community does not take part.
    """
    # Revisions of a community are filed one after the other.
    if await session.get(Community, command.community_code, with_for_update={"key_share": True}) is None:
        raise CommunityNotRegistered(code=command.community_code)
    filed = await session.scalar(
        select(func.max(OperatingStatement.revision)).where(
            OperatingStatement.community_code == command.community_code, OperatingStatement.year == command.year
        )
    )
    statement = OperatingStatement(
        **asdict(command),
        revision=(filed or 0) + 1,
        cost_fen=sum(command.costs.values()),
        income_fen=sum(command.income.values()),
    )
    session.add(statement)
    await session.flush()
    return statement
