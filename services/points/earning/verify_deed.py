"""Verify a deed 核定: what waited is granted, by the rule of its time, or is turned down."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.earn import Earn, earn
from services.points.earning.rules import DeedDecided, DeedUnknown, OwnDeed
from services.points.earning.tables import PendingDeed
from shared.errors import unless_refused


@dataclass(frozen=True, slots=True)
class VerifyDeed:
    """What is decided about a deed that waits, and by whom."""

    community_code: str
    activity: str
    reference: str
    accept: bool
    remark: str | None
    by: str


async def verify_deed(session: AsyncSession, command: VerifyDeed, *, now: datetime) -> PendingDeed:
    """Decide on a deed that waits; accepted, it earns at once what caps and budget leave.

    Raises:
        DeedUnknown: There is none.
        OwnDeed: The same person registered it.
        DeedDecided: It was decided before.
        CapReached: The resident may earn no more; the deed goes on waiting.
        OverBudget: The community may grant no more; the same.
    """
    name = command.community_code, command.activity, command.reference
    deed = await session.get(PendingDeed, name, with_for_update=True, populate_existing=True)
    if deed is None:
        raise DeedUnknown(activity=command.activity, reference=command.reference)
    if deed.registered_by == command.by:
        raise OwnDeed
    if deed.verified_by is not None:
        raise DeedDecided(activity=command.activity, reference=command.reference)
    deed.verified_by, deed.verified_at = command.by, now
    deed.accepted, deed.remark = command.accept, command.remark
    await session.flush()
    if command.accept:
        [earned] = await earn(session, [_verified(deed)], now=now)
        unless_refused(earned)
    return deed


def _verified(deed: PendingDeed) -> Earn:
    return Earn(
        community_code=deed.community_code,
        activity=deed.activity,
        reference=deed.reference,
        resident_id=deed.resident_id,
        quantity=deed.quantity,
        occurred_at=deed.occurred_at,
        evidence=deed.evidence,
        registered_by=deed.registered_by,
        verified=True,
    )
