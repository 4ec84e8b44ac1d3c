"""Set a limit: a cap per resident, or a community's budget, as two persons have decided."""

from dataclasses import asdict, dataclass

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.queries import require_communities
from services.points.limits.rules import BudgetBelowIssued, Direction, Period
from services.points.limits.tables import Budget, ResidentCap


@dataclass(frozen=True, slots=True)
class SetCap:
    """A cap per resident over an area; no `points_max` lifts it, an empty `activity` stands for all."""

    area: str
    direction: Direction
    activity: str
    period: Period
    points_max: int | None


@dataclass(frozen=True, slots=True)
class SetBudget:
    """What a community may grant in a civil year, in service points."""

    community_code: str
    year: int
    points: int


async def set_limit(session: AsyncSession, command: SetCap | SetBudget) -> None:
    """Set a limit, from now on.

    Raises:
        CommunityUnknown: The budget's community does not take part.
        BudgetBelowIssued: The community has granted more than that this year.
    """
    if isinstance(command, SetCap):
        await _set_cap(session, command)
    else:
        await _set_budget(session, command)


async def _set_cap(session: AsyncSession, command: SetCap) -> None:
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('resident cap', 0))"))
    latest = await session.scalar(
        select(func.max(ResidentCap.version)).where(
            ResidentCap.area == command.area,
            ResidentCap.direction == command.direction,
            ResidentCap.activity == command.activity,
            ResidentCap.period == command.period,
        )
    )
    session.add(ResidentCap(version=(latest or 0) + 1, **asdict(command)))
    await session.flush()


async def _set_budget(session: AsyncSession, command: SetBudget) -> None:
    await require_communities(session, command.community_code)
    row = insert(Budget).values(**asdict(command))
    set_to = row.on_conflict_do_update(
        index_elements=[Budget.community_code, Budget.year],
        set_={"points": row.excluded.points},
        where=Budget.issued <= row.excluded.points,
    ).returning(Budget.points)
    if await session.scalar(set_to) is None:
        raise BudgetBelowIssued(community_code=command.community_code, year=command.year, points=command.points)
