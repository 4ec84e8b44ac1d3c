"""Reads of funds."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.fund.rules import FundUnseen, PotUnseen
from services.operations.fund.tables import Fund, FundAccount, FundTransfer


async def fund(session: AsyncSession, community_code: str) -> Fund:
    """Return a community's fund.

    Raises:
        FundUnseen: It has none.
    """
    found = await session.get(Fund, community_code)
    if found is None:
        raise FundUnseen(code=community_code)
    return found


async def hold(session: AsyncSession, community_code: str) -> Fund:
    """Return a community's fund, locked: whatever moves its money comes one after the other.

    Raises:
        FundUnseen: It has none.
    """
    found = await session.get(Fund, community_code, with_for_update={"key_share": True}, populate_existing=True)
    if found is None:
        raise FundUnseen(code=community_code)
    return found


async def pot(session: AsyncSession, community_code: str, code: str) -> FundAccount:
    """Return a pot with its balance as it is now.

    Raises:
        PotUnseen: The fund has no such pot.
    """
    found = await session.get(FundAccount, (community_code, code), populate_existing=True)
    if found is None or found.kind != "pot":
        raise PotUnseen(pot=code)
    return found


async def accounts(session: AsyncSession, community_code: str) -> Sequence[FundAccount]:
    """Return all accounts of a fund; their balances sum to 0."""
    rows = select(FundAccount).where(FundAccount.community_code == community_code)
    return (await session.scalars(rows.order_by(FundAccount.code))).all()


async def transfers(
    session: AsyncSession, community_code: str, before: uuid.UUID | None, most: int
) -> Sequence[FundTransfer]:
    """Return transfers, the latest first."""
    rows = select(FundTransfer).where(FundTransfer.community_code == community_code)
    if before:
        rows = rows.where(FundTransfer.id < before)
    return (await session.scalars(rows.order_by(FundTransfer.id.desc()).limit(most))).all()
