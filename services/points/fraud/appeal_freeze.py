"""Appeal against a freeze 申诉, and decide: another than who froze lifts it or upholds it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.fraud.rules import FreezeClosed, OwnFreeze
from services.points.fraud.tables import Freeze


async def appeal_freeze(session: AsyncSession, freeze: Freeze, said: str, *, now: datetime) -> None:
    """Note what is said against a freeze, whose row is locked; once.

    Raises:
        FreezeClosed: It is lifted, or was appealed before.
    """
    if freeze.lifted_by or freeze.appealed_at:  # an erasure empties the appeal
        raise FreezeClosed(freeze_id=freeze.freeze_id)
    freeze.appeal, freeze.appealed_at = said, now
    await session.flush()


async def decide_freeze(
    session: AsyncSession, freeze: Freeze, *, lift: bool, remark: str, by: str, now: datetime
) -> None:
    """Lift a freeze, whose row is locked, or uphold it.

    Raises:
        OwnFreeze: The same person froze.
        FreezeClosed: It is lifted already.
    """
    if freeze.frozen_by == by:
        raise OwnFreeze
    if freeze.lifted_by:
        raise FreezeClosed(freeze_id=freeze.freeze_id)
    if lift:
        freeze.lifted_by = by
    else:
        freeze.upheld_by = by
    freeze.decided_at, freeze.remark = now, remark
    await session.flush()
