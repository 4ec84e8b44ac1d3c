"""Release what was kept back 释放质保金."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.billing.queries import retained
from services.operations.billing.rules import RetentionNotDue
from services.operations.billing.tables import RetentionRelease
from services.operations.contracts.queries import hold, require_sealed
from services.operations.contracts.tables import Contract
from shared.clock import local_day


async def release_retention(session: AsyncSession, contract: Contract, by: str, now: datetime) -> int:
    """Release what was kept back of a contract's fees, once, after its end; returns how much, in fen.

    Raises:
        RetentionNotDue: The contract has not ended, or it was released.
    """
    ends_on = (await require_sealed(session, contract, local_day(now), now)).terms.ends_on
    if local_day(now) <= ends_on:
        raise RetentionNotDue(ends_on=ends_on.isoformat())
    await hold(session, contract)  # what is being settled is released too, or keeps nothing back
    amount = await retained(session, contract)
    released = await session.scalar(
        insert(RetentionRelease)
        .values(
            community_code=contract.community_code,
            contract_id=contract.id,
            amount_fen=amount,
            released_at=now,
            released_by=by,
        )
        .on_conflict_do_nothing()
        .returning(RetentionRelease.amount_fen)
    )
    if released is None:
        raise RetentionNotDue(ends_on=ends_on.isoformat())
    return amount
