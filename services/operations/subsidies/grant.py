"""Grant a subsidy 批复补助."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import Tier
from services.operations.projects.tables import Project
from services.operations.subsidies.rules import Tranche, check_tranches
from services.operations.subsidies.tables import Subsidy, SubsidyTranche


@dataclass(frozen=True, slots=True)
class Grant:
    """Money for a project in fen, its tranches, and what each tier is rewarded with."""

    purpose: str
    amount_fen: int
    tranches: Sequence[Tranche]
    rewards: Mapping[Tier, int]
    by: str
    now: datetime


async def grant(session: AsyncSession, project: Project, command: Grant) -> Subsidy:
    """Grant a subsidy for a project.

    Raises:
        TranchesUnbalanced: The tranches do not fit.
    """
    check_tranches(command.amount_fen, command.tranches)
    subsidy = Subsidy(
        community_code=project.community_code,
        project_id=project.id,
        purpose=command.purpose,
        amount_fen=command.amount_fen,
        rewards=dict(command.rewards),
        granted_at=command.now,
        granted_by=command.by,
    )
    session.add(subsidy)
    await session.flush()
    session.add_all(
        SubsidyTranche(
            community_code=subsidy.community_code,
            subsidy_id=subsidy.id,
            no=no,
            amount_fen=tranche.amount_fen,
            milestone=tranche.milestone,
        )
        for no, tranche in enumerate(command.tranches, 1)
    )
    await session.flush()
    return subsidy
