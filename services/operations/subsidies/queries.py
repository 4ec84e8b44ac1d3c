"""Reads of subsidies."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.subsidies.rules import SubsidyUnseen
from services.operations.subsidies.tables import Subsidy, SubsidyClawback, SubsidyPayment, SubsidyTranche

REWARD = 0


@dataclass(frozen=True, slots=True)
class Account:
    """What was paid of a subsidy, by tranche (the reward is 0), and what was clawed back, in fen."""

    paid: dict[int, int]
    clawed_fen: int

    @property
    def paid_fen(self) -> int:
        """What was paid in all."""
        return sum(self.paid.values())


async def get(session: AsyncSession, subsidy_id: uuid.UUID) -> Subsidy:
    """Return a subsidy.

    Raises:
        SubsidyUnseen: There is none.
    """
    subsidy = await session.scalar(select(Subsidy).where(Subsidy.id == subsidy_id))
    if subsidy is None:
        raise SubsidyUnseen(subsidy_id=str(subsidy_id))
    return subsidy


async def hold(session: AsyncSession, subsidy: Subsidy) -> None:
    """Have others who change a subsidy of this community wait until the transaction ends."""
    of = {"community_code": subsidy.community_code}
    await session.execute(text("SELECT FROM community WHERE community_code = :community_code FOR UPDATE"), of)


async def tranches(session: AsyncSession, subsidy: Subsidy) -> Sequence[SubsidyTranche]:
    """Return a subsidy's tranches in their order."""
    rows = select(SubsidyTranche).where(
        SubsidyTranche.community_code == subsidy.community_code, SubsidyTranche.subsidy_id == subsidy.id
    )
    return (await session.scalars(rows.order_by(SubsidyTranche.no))).all()


async def account(session: AsyncSession, subsidy: Subsidy) -> Account:
    """Return what was paid and what was clawed back."""
    paid = await session.scalars(
        select(SubsidyPayment).where(
            SubsidyPayment.community_code == subsidy.community_code, SubsidyPayment.subsidy_id == subsidy.id
        )
    )
    clawed = await session.scalar(
        select(func.sum(SubsidyClawback.amount_fen)).where(
            SubsidyClawback.community_code == subsidy.community_code, SubsidyClawback.subsidy_id == subsidy.id
        )
    )
    return Account({row.no: row.amount_fen for row in paid}, int(clawed or 0))
