"""Hours that are left: one of staff reports the death, another has them go to the heir, or to the community."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.accounts.queries import held_by
from services.points.communities.queries import require_communities
from services.points.families.queries import seen_by, state_of
from services.points.families.tables import FamilyBond
from services.points.ledger.post import post
from services.points.ledger.rules import POOL, AssetClass, PostTransfer, TransferKind, resident
from services.points.timebank.queries import hold_hours, is_known_in
from services.points.timebank.rules import LegacyElsewhere, LegacyUnseen, OwnLegacy, split
from services.points.timebank.tables import HoursLegacy
from shared.clock import local_day
from shared.errors import OutOfScope, unless_refused


@dataclass(frozen=True, slots=True)
class ReportLegacy:
    """Whose, of which home community, and which kind of document was seen; its number is not kept."""

    resident_id: uuid.UUID
    community_code: str
    document: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ExecuteLegacy:
    """Whose, of which home community."""

    resident_id: uuid.UUID
    community_code: str
    by: str
    now: datetime


async def report_legacy(session: AsyncSession, command: ReportLegacy) -> HoursLegacy:
    """Report it; from now on the heir cannot be changed. Without one named, the hours go to the community.

    Raises:
        CommunityUnknown: The community does not take part.
        OutOfScope: The resident has no hours in the community's book, and has named no heir there.
        LegacyElsewhere: It was reported before.
    """
    await require_communities(session, command.community_code)
    if not await is_known_in(session, command.community_code, command.resident_id):
        raise OutOfScope(area="居民有时间币的社区", roles="desk、official")
    reported = {"document": command.document, "reported_by": command.by, "reported_at": command.now}
    legacy = await session.scalar(
        insert(HoursLegacy)
        .values(community_code=command.community_code, resident_id=command.resident_id, **reported)
        .on_conflict_do_update(
            index_elements=[HoursLegacy.community_code, HoursLegacy.resident_id],
            set_=reported,
            where=HoursLegacy.reported_at.is_(None),
        )
        .returning(HoursLegacy)
        .execution_options(populate_existing=True)
    )
    if legacy is None:
        raise LegacyElsewhere(resident_id=str(command.resident_id))
    return legacy


async def execute_legacy(session: AsyncSession, command: ExecuteLegacy) -> HoursLegacy:
    """Move the hours of all books to the heir, up to its cap, and what is more to the communities they are of.

    Raises:
        LegacyUnseen: It was not reported.
        LegacyElsewhere: It was executed.
        OwnLegacy: The caller reported it, or inherits.
        NotEnoughPoints: Hours were spent in this very moment; ask again.
    """
    key = (command.community_code, command.resident_id)
    legacy = await session.get(HoursLegacy, key, with_for_update=True, populate_existing=True)
    if legacy is None or legacy.reported_at is None:
        raise LegacyUnseen(resident_id=str(command.resident_id))
    if legacy.executed_at:
        raise LegacyElsewhere(resident_id=str(command.resident_id))
    heir = await _heir_of(session, legacy)
    if command.by in {legacy.reported_by, f"resident:{heir}"}:
        raise OwnLegacy
    moved = await _move(session, command, heir)
    legacy.executed_by, legacy.executed_at, legacy.quarters = command.by, command.now, moved
    await session.flush()
    return legacy


async def _heir_of(session: AsyncSession, legacy: HoursLegacy) -> uuid.UUID | None:
    if legacy.heir_bond_id is None:
        return None
    bond = await session.scalar(select(FamilyBond).where(FamilyBond.bond_id == legacy.heir_bond_id))
    return seen_by(bond, legacy.resident_id).other if bond and state_of(bond) == "bound" else None


async def _move(session: AsyncSession, command: ExecuteLegacy, heir: uuid.UUID | None) -> int:
    balance = await hold_hours(session, heir) if heir else 0
    today, moved = local_day(command.now), 0
    commands = []
    for held in await held_by(session, command.resident_id, command.now):
        lots = [lot for lot in held.lots if lot.expires_on >= today]
        free = sum(lot.remaining - held.pinned.get(lot.lot_id, 0) for lot in lots)
        if held.asset_class != AssetClass.HOURS or not free:
            continue
        kept = split(balance + moved, free)[0] if heir else 0
        moved += free
        parts = [(resident(heir), kept)] if heir and kept else []
        parts += [(POOL, free - kept)] if free > kept else []
        amounts = ((resident(command.resident_id), -free), *parts)
        reference = f"legacy:{command.resident_id}"
        commands.append(PostTransfer(held.community_code, AssetClass.HOURS, TransferKind.GIVE, reference, amounts))
    [outcome] = await post(session, [commands], now=command.now) if commands else [[]]
    unless_refused(outcome)
    return moved
