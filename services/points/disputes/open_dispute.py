"""Open a dispute: what is left of the disputed points in a resident's lots is frozen until somebody has decided."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.disputes.queries import find_transfer, legs_of
from services.points.disputes.rules import (
    OPENS,
    UNTIL_DECIDED,
    DisputeOpen,
    Leg,
    NotDisputable,
    concerned,
    disputable,
    gained,
)
from services.points.disputes.tables import Dispute
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, NotEnoughPoints, TransferKind, hold_of
from shared.errors import unless_refused
from shared.identity import Identity

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('dispute ' || :kind || ' ' || :reference, 0))")


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """Which transfer is contested, why and by whom; of a purchase its redemption is meant."""

    transfer_id: uuid.UUID
    reason: str
    by: Identity


async def open_dispute(session: AsyncSession, command: OpenDispute, *, now: datetime) -> Dispute:
    """Open a dispute, and freeze as much of the disputed points as the resident still has free.

    Raises:
        NotDisputable: There is no such transfer that the caller may dispute.
        DisputeOpen: It is disputed, and not decided.
    """
    found, legs = await _find(session, command)
    await _one_at_a_time(session, found)
    dispute = Dispute(
        community_code=found.community_code,
        dispute_id=uuid.uuid4(),
        transfer_id=command.transfer_id,
        asset_class=found.asset_class,
        kind=found.kind,
        reference=found.reference,
        reason=command.reason,
        opened_by=command.by.subject,
        opened_at=now,
    )
    dispute.frozen = await _freeze(session, dispute, gained(legs), now)
    session.add(dispute)
    await session.flush()
    return dispute


async def _find(session: AsyncSession, command: OpenDispute) -> tuple[Row[Any], list[Leg]]:
    found = await find_transfer(session, command.transfer_id)
    if found is None:
        raise NotDisputable(transfer_id=command.transfer_id)
    codes = {found.community_code, found.payer_community or found.community_code}
    legs, kind = await legs_of(session, codes, found.kind, found.reference), TransferKind(found.kind)
    theirs = command.by.subject in concerned(legs) or any(command.by.holds(code, *OPENS) for code in codes)
    unnamed = kind is TransferKind.REDEEM and found.payer_community is None  # a purchase goes by its redemption
    if not theirs or unnamed or not disputable(kind, legs):
        raise NotDisputable(transfer_id=command.transfer_id)
    return found, legs


async def _one_at_a_time(session: AsyncSession, found: Row[Any]) -> None:
    await session.execute(_ONE_AT_A_TIME, {"kind": found.kind, "reference": found.reference})
    waiting = select(Dispute.dispute_id).where(
        Dispute.community_code == found.community_code,
        Dispute.kind == found.kind,
        Dispute.reference == found.reference,
        Dispute.decided_at.is_(None),
    )
    if dispute_id := await session.scalar(waiting):
        raise DisputeOpen(dispute_id=dispute_id)


async def _freeze(session: AsyncSession, dispute: Dispute, leg: Leg | None, now: datetime) -> int:
    """Hold what the transfer has put into a resident's lots; basic points, which nobody can spend, need no hold."""
    points = leg.still if leg and dispute.asset_class != AssetClass.BASIC else 0
    while leg and points:
        held = leg.community_code, AssetClass(dispute.asset_class), leg.account
        of = TransferKind(dispute.kind), dispute.reference
        freeze = hold_of(held, f"dispute:{dispute.dispute_id}", points, UNTIL_DECIDED, of)
        [outcome] = await post(session, [[freeze]], now=now)
        if not isinstance(outcome, NotEnoughPoints):
            unless_refused(outcome)
            return points
        points = outcome.available  # the rest is spent, or held for a purchase
    return 0
