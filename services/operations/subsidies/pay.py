"""Pay a tranche 拨付, or the reward 以奖代补."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import Tier
from services.operations.communities.tables import CommunityProfile
from services.operations.projects.tables import ProjectGate
from services.operations.subsidies.queries import REWARD, account, hold, tranches
from services.operations.subsidies.rules import (
    AlreadyPaid,
    MilestoneNotMet,
    SelfApproval,
    SubsidyUnseen,
    reward_fen,
)
from services.operations.subsidies.tables import Subsidy, SubsidyPayment


@dataclass(frozen=True, slots=True)
class Payout:
    """Who pays which tranche; number 0 is the reward."""

    no: int
    evidence: str
    by: str
    now: datetime


async def pay(session: AsyncSession, subsidy: Subsidy, command: Payout) -> int:
    """Pay a tranche whose milestone is met, or the reward of the community's tier; returns how much, in fen.

    Raises:
        SelfApproval: It is by who granted the subsidy.
        SubsidyUnseen: There is no such tranche, or no reward for the tier.
        MilestoneNotMet: The project has not passed the stage, or the tranche before is not paid.
        AlreadyPaid: It is.
    """
    await hold(session, subsidy)
    if command.by == subsidy.granted_by:
        raise SelfApproval
    paid = (await account(session, subsidy)).paid
    if command.no in paid:
        raise AlreadyPaid(no=command.no)
    amount, milestone = await _due(session, subsidy, command.no)
    if not await _passed(session, subsidy, milestone) or (command.no > 1 and command.no - 1 not in paid):
        raise MilestoneNotMet(no=command.no, milestone=milestone)
    session.add(
        SubsidyPayment(
            community_code=subsidy.community_code,
            subsidy_id=subsidy.id,
            no=command.no,
            amount_fen=amount,
            evidence=command.evidence,
            paid_at=command.now,
            paid_by=command.by,
        )
    )
    await session.flush()
    return amount


async def _due(session: AsyncSession, subsidy: Subsidy, no: int) -> tuple[int, str]:
    if no == REWARD:
        tier = await session.scalar(
            select(CommunityProfile.tier)
            .where(CommunityProfile.community_code == subsidy.community_code)
            .order_by(CommunityProfile.revision.desc())
            .limit(1)
        )
        if amount := reward_fen(cast("Tier | None", tier), cast("dict[Tier, int]", subsidy.rewards)):
            return amount, "accepting"
    for tranche in await tranches(session, subsidy):
        if tranche.no == no:
            return tranche.amount_fen, tranche.milestone
    raise SubsidyUnseen(subsidy_id=str(subsidy.id))


async def _passed(session: AsyncSession, subsidy: Subsidy, stage: str) -> bool:
    key = (subsidy.community_code, subsidy.project_id, stage)
    return await session.get(ProjectGate, key) is not None
