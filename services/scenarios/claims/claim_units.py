"""Claim units for a period, all of them or none; release what a booking has claimed."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Period


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of a community that a booking wants.

    Attributes:
        unit_ids: Of one space.
        period: The buffer included.
        now: What has expired by then is released.
        expires_at: Until when it is held; None for good.
        booking_id: Of a booking that there is; a new one gets its id with its claims.
    """

    community_code: str
    unit_ids: tuple[uuid.UUID, ...]
    period: Period
    now: datetime
    expires_at: datetime | None = None
    booking_id: uuid.UUID | None = None


_LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(unit_id::text, 0)) FROM unnest(CAST(:units AS uuid[])) unit_id"
)
_CLAIM = text("""
    WITH booking AS MATERIALIZED (SELECT coalesce(CAST(:booking_id AS uuid), uuidv7()) AS id)
    INSERT INTO claim (community_code, booking_id, unit_id, period, expires_at)
    SELECT CAST(:community_code AS text), booking.id, unit_id,
           tstzrange(CAST(:starts_at AS timestamptz), CAST(:ends_at AS timestamptz)), CAST(:expires_at AS timestamptz)
    FROM booking, unnest(CAST(:units AS uuid[])) unit_id
    ON CONFLICT DO NOTHING
    RETURNING id, booking_id
""")
_RELEASE_EXPIRED = text("""
    WITH expired AS (
        SELECT community_code, id FROM claim
        WHERE community_code = :community_code AND unit_id = ANY(CAST(:units AS uuid[])) AND state <> 'released'
          AND period && tstzrange(CAST(:starts_at AS timestamptz), CAST(:ends_at AS timestamptz))
          AND expires_at <= CAST(:now AS timestamptz)
        ORDER BY id FOR UPDATE
    )
    UPDATE claim SET state = 'released' FROM expired
    WHERE claim.community_code = expired.community_code AND claim.id = expired.id
    RETURNING claim.id
""")
_TAKE_BACK = text("DELETE FROM claim WHERE community_code = :community_code AND id = ANY(CAST(:claims AS uuid[]))")
_RELEASE = text(
    "UPDATE claim SET state = 'released' WHERE community_code = :community_code AND booking_id = :booking_id"
)


async def claim_units(session: AsyncSession, wanted: Wanted) -> uuid.UUID | None:
    """Claim all units and return the booking's id, or claim none and return nothing because one is taken.

    A plain INSERT deadlocks under a rush: of two that wait for each other's half-made index entries, one is shot.
    Several units are locked first, in one order for all, so that two who want the same ones do not meet half-way.
    """
    if len(wanted.unit_ids) > 1:
        await lock_units(session, wanted.unit_ids)
    claimed = await _insert_all(session, wanted)
    if claimed is None and (await session.execute(_RELEASE_EXPIRED, _parameters(wanted))).first():
        claimed = await _insert_all(session, wanted)
    return claimed


async def _insert_all(session: AsyncSession, wanted: Wanted) -> uuid.UUID | None:
    claims = (await session.execute(_CLAIM, _parameters(wanted))).all()
    if len(claims) == len(wanted.unit_ids):
        booking_id: uuid.UUID = claims[0].booking_id
        return booking_id
    if claims:
        ids = [claim.id for claim in claims]
        await session.execute(_TAKE_BACK, {"community_code": wanted.community_code, "claims": ids})
    return None


def _parameters(wanted: Wanted) -> dict[str, Any]:
    return {
        "booking_id": wanted.booking_id,
        "community_code": wanted.community_code,
        "starts_at": wanted.period[0],
        "ends_at": wanted.period[1],
        "expires_at": wanted.expires_at,
        "units": sorted(wanted.unit_ids),
        "now": wanted.now,
    }


async def lock_units(session: AsyncSession, unit_ids: tuple[uuid.UUID, ...]) -> None:
    """Wait for one's turn with several units, or with several periods of one; the turn ends with the transaction."""
    await session.execute(_LOCK, {"units": sorted(unit_ids)})


async def release_units(session: AsyncSession, community_code: str, booking_id: uuid.UUID) -> None:
    """Release what a booking has claimed; others may have it at once."""
    await session.execute(_RELEASE, {"community_code": community_code, "booking_id": booking_id})
