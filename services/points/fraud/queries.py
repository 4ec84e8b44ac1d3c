"""Reads for detectors, of who is frozen, and of whether anybody has looked lately."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.fraud.rules import SCREEN_LATE_H, FreezeUnknown, Frozen, NothingToFreeze, ScreeningLate
from services.points.fraud.tables import Freeze
from services.points.suspicions.rules import ATTENDANCE, SCREENED, Bought, Cleared, Did, Lately
from shared.identity import Identity

LISTED_MAX = 200
REFUSALS = (Frozen, ScreeningLate)
"""What `require_unfrozen` may refuse with."""

# How long it took is known of attendance alone: a quantity that a person or a device tells may be grams, or times.
_DEEDS = text("""
    SELECT 'resident:' || resident_id AS resident, coalesce(registered_by, :attendance) AS registrar, activity,
           occurred_at AS at, CASE WHEN registered_by IS NULL THEN quantity ELSE 0 END AS minutes, points
    FROM deed WHERE occurred_at > :since ORDER BY occurred_at
""")
_PURCHASES = text("""
    SELECT 'resident:' || r.resident_id AS resident, 'merchant:' || r.merchant_id AS merchant, r.captured_at AS at,
           price AS points, back.at AS refunded_at
    FROM redemption r LEFT JOIN LATERAL (
        SELECT min(reversal.posted_at) AS at FROM transfer reversal
        WHERE reversal.community_code = r.community_code AND reversal.reverses = r.redemption_id
    ) AS back ON true
    WHERE r.captured_at > :since ORDER BY r.captured_at
""")
_STANDING = text("""
    SELECT (SELECT max(screened_at) FROM screening) AS screened_at,
           ARRAY(SELECT who FROM account_freeze WHERE who = ANY(CAST(:who AS text[])) AND lifted_by IS NULL) AS frozen
""")
_CLEARED = text("""
    SELECT detector, who, max(decided_at) FROM account_freeze
    WHERE lifted_by IS NOT NULL AND decided_at > :since GROUP BY detector, who
""")
_WHERE = text("""
    SELECT coalesce((SELECT community_code FROM account WHERE owner = :who ORDER BY opened_at LIMIT 1),
                    (SELECT community_code FROM deed WHERE registered_by = :who ORDER BY occurred_at DESC LIMIT 1))
""")
_THERE = text("""
    SELECT EXISTS (SELECT FROM account WHERE owner = :who AND community_code = :code)
        OR EXISTS (SELECT FROM merchant WHERE 'merchant:' || merchant_id = :who AND community_code = :code)
""")


async def read_lately(session: AsyncSession, now: datetime) -> Lately:
    """Return what was done within SCREENED, in all communities."""
    since = {"since": now - SCREENED}
    deeds = [Did(*row) for row in await session.execute(_DEEDS, {**since, "attendance": ATTENDANCE})]
    return Lately(deeds, [Bought(*row) for row in await session.execute(_PURCHASES, since)])


async def cleared_lately(session: AsyncSession, now: datetime) -> Cleared:
    """Return who was cleared within SCREENED, by detector, and when last."""
    cleared: dict[str, dict[str, datetime]] = {}
    for detector, who, at in await session.execute(_CLEARED, {"since": now - SCREENED}):
        cleared.setdefault(detector, {})[who] = at
    return cleared


async def frozen_among(session: AsyncSession, who: Iterable[str], now: datetime) -> set[str]:
    """Return who of these is frozen; value out fails closed.

    Raises:
        ScreeningLate: Nobody has looked for too long.
    """
    row = (await session.execute(_STANDING, {"who": sorted(set(who))})).one()
    if row.screened_at is None or row.screened_at < now - timedelta(hours=SCREEN_LATE_H):
        raise ScreeningLate(hours=SCREEN_LATE_H)
    return set(row.frozen)


async def require_unfrozen(session: AsyncSession, *who: str, now: datetime) -> None:
    """Refuse to let value leave while it is suspected.

    Raises:
        Frozen: One of these is frozen.
        ScreeningLate: Nobody has looked for too long.
    """
    for one in sorted(await frozen_among(session, who, now)):
        raise Frozen(who=one.partition(":")[0])


async def area_of(session: AsyncSession, who: str) -> str:
    """Return where a freeze is decided: where the first account was opened, or a registrar's word was taken last."""
    return await session.scalar(_WHERE, {"who": who}) or ""


async def require_there(session: AsyncSession, who: str, community_code: str) -> None:
    """Refuse unless somebody holds points in a community, or may take them there.

    Raises:
        NothingToFreeze: Neither.
    """
    if not await session.scalar(_THERE, {"who": who, "code": community_code}):
        raise NothingToFreeze(who=who, community_code=community_code)


async def freezes_in(session: AsyncSession, area: str) -> Sequence[Freeze]:
    """Return the freezes in force in an area, the newest first, at most LISTED_MAX."""
    found = select(Freeze).where(Freeze.lifted_by.is_(None), Freeze.area.startswith(area))
    return (await session.scalars(found.order_by(Freeze.freeze_id.desc()).limit(LISTED_MAX))).all()


async def freezes_of(session: AsyncSession, who: str) -> Sequence[Freeze]:
    """Return the freezes of somebody, the newest first."""
    return (await session.scalars(select(Freeze).where(Freeze.who == who).order_by(Freeze.freeze_id.desc()))).all()


async def hold_freeze(session: AsyncSession, freeze_id: uuid.UUID, who: Identity) -> Freeze:
    """Return a freeze to whom it concerns, or to officials of its area, locked until the transaction ends.

    Raises:
        FreezeUnknown: There is none that this caller may see.
    """
    freeze = await session.get(Freeze, freeze_id, with_for_update=True, populate_existing=True)
    if freeze is None or not (who.subject == freeze.who or who.holds(freeze.area, "official")):
        raise FreezeUnknown(freeze_id=freeze_id)
    return freeze
