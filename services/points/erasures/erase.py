"""Erase what is personal of a resident (PIPL art. 47): evidence, its words, family and kept answers; the book stays.

The book only knows a pseudonym. What the resident could still spend goes to the pools of the communities that granted
it. What a purchase holds stays until that is over, and expires then as all points do.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.accounts.queries import Held, held_by
from services.points.assistance.tables import AssistedAct
from services.points.disputes.tables import Dispute
from services.points.earning.tables import Deed, PendingDeed
from services.points.erasures.tables import Erasure
from services.points.families.tables import FamilyBond
from services.points.fraud.tables import Freeze
from services.points.ledger.post import post
from services.points.ledger.rules import POOL, AssetClass, PostTransfer, TransferKind, resident
from services.points.timebank.tables import HoursLegacy
from shared.errors import unless_refused
from shared.idempotency import IdempotencyRecord


@dataclass(frozen=True, slots=True)
class Erase:
    """Whom to erase, of which community, and on whose word."""

    resident_id: uuid.UUID
    community_code: str
    by: str
    now: datetime


async def erase(session: AsyncSession, command: Erase) -> Erasure:
    """Erase a resident; again, it erases what has come since.

    Raises:
        NotEnoughPoints: The resident has spent something meanwhile; nothing is erased, ask again.
    """
    who, subject = command.resident_id, resident(command.resident_id).owner
    erased = 0
    for deeds in (Deed, PendingDeed):
        emptied = update(deeds).where(deeds.resident_id == who, deeds.evidence != {}).values(evidence={})
        erased += len((await session.scalars(emptied.returning(deeds.reference))).all())
    await session.execute(update(AssistedAct).where(AssistedAct.resident_id == who).values(consent={}))
    await session.execute(update(Dispute).where(Dispute.opened_by == subject).values(reason=""))
    await session.execute(update(Freeze).where(Freeze.who == subject, Freeze.appeal.is_not(None)).values(appeal=""))
    await session.execute(delete(HoursLegacy).where(HoursLegacy.resident_id == who))
    await session.execute(delete(FamilyBond).where(or_(FamilyBond.inviter_id == who, FamilyBond.invitee_id == who)))
    # The answer to this very request is kept from the transaction's own time on.
    kept = (IdempotencyRecord.caller == subject, IdempotencyRecord.created_at < func.now())
    await session.execute(delete(IdempotencyRecord).where(*kept))
    row = Erasure(
        community_code=command.community_code,
        resident_id=who,
        erased_at=command.now,
        erased_by=command.by,
        evidence_erased=erased,
        points_to_pool=await _give_up(session, command),
    )
    session.add(row)
    await session.flush()
    return row


async def _give_up(session: AsyncSession, command: Erase) -> int:
    held = await held_by(session, command.resident_id, command.now)
    free = {(one.community_code, one.asset_class): _free(one) for one in held if one.asset_class != AssetClass.BASIC}
    postings = [
        [
            PostTransfer(
                code,
                AssetClass(asset_class),
                TransferKind.GIVE,
                f"erasure:{command.resident_id}:{asset_class}:{command.now.isoformat()}",
                ((resident(command.resident_id), -points), (POOL, points)),
            )
        ]
        for (code, asset_class), points in free.items()
        if points
    ]
    for outcome in await post(session, postings, now=command.now):
        unless_refused(outcome)
    return sum(free.values())


def _free(held: Held) -> int:
    return sum(lot.remaining - held.pinned.get(lot.lot_id, 0) for lot in held.lots)
