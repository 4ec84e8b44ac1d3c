"""Reads about emergencies."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.bookings.tables import Booking
from services.scenarios.emergencies.rules import WATCH, EmergencyUnseen, PlanUnseen
from services.scenarios.emergencies.tables import Emergency, EmergencyChange, EmergencyPlan, EmergencyTask
from shared.clock import Period
from shared.identity import Identity

_AFFECTED = text("""
    SELECT DISTINCT booking_id FROM claim
    WHERE community_code = :community_code AND unit_id = ANY(CAST(:units AS uuid[])) AND state <> 'released'
      AND period && tstzrange(:start, :end)
""")
_STANDING = text("""
    SELECT coalesce(string_agg(concat_ws('/', b.id, b.state, b.space_id, b.starts_at, c.units), ' ' ORDER BY b.id), '')
    FROM booking b LEFT JOIN LATERAL (
        SELECT string_agg(concat_ws(':', unit_id, period), ',' ORDER BY unit_id) AS units FROM claim
        WHERE claim.community_code = b.community_code AND claim.booking_id = b.id AND state <> 'released'
    ) c ON true
    WHERE b.community_code = :community_code AND b.state IN ('held', 'requested', 'confirmed')
""")


@dataclass(frozen=True, slots=True)
class Situation:
    """An emergency, what it changed, and what is to be done."""

    emergency: Emergency
    changes: Sequence[EmergencyChange]
    tasks: Sequence[EmergencyTask]


async def find_plan(session: AsyncSession, plan_id: uuid.UUID, who: Identity) -> EmergencyPlan:
    """Return a plan that the caller may see, locked until the end of the transaction.

    Raises:
        PlanUnseen: There is none, or the caller is no staff of the community.
    """
    plan = await session.scalar(select(EmergencyPlan).where(EmergencyPlan.id == plan_id).with_for_update())
    if plan is None or not who.holds(plan.community_code, *WATCH):
        raise PlanUnseen(plan_id=str(plan_id))
    return plan


async def find_emergency(session: AsyncSession, emergency_id: uuid.UUID, who: Identity) -> Emergency:
    """Return an emergency that the caller may see, locked until the end of the transaction.

    Raises:
        EmergencyUnseen: There is none, or the caller is no staff of the community.
    """
    found = await session.scalar(select(Emergency).where(Emergency.id == emergency_id).with_for_update())
    if found is None or not who.holds(found.community_code, *WATCH):
        raise EmergencyUnseen(emergency_id=str(emergency_id))
    return found


async def find_situation(session: AsyncSession, emergency: Emergency) -> Situation:
    """Return an emergency with what it changed and what is to be done."""
    key = {"community_code": emergency.community_code, "emergency_id": emergency.id}
    changes = await session.scalars(select(EmergencyChange).filter_by(**key).order_by(EmergencyChange.booking_id))
    tasks = await session.scalars(select(EmergencyTask).filter_by(**key).order_by(EmergencyTask.id))
    return Situation(emergency, changes.all(), tasks.all())


async def find_affected(
    session: AsyncSession, community_code: str, units: Sequence[uuid.UUID], period: Period
) -> Sequence[Booking]:
    """Return the bookings that stand on units within a period, from its first moment; locked until the end."""
    given = {"community_code": community_code, "units": list(units), "start": period[0], "end": period[1]}
    ids = list(await session.scalars(_AFFECTED, given))
    locked = (
        select(Booking)
        .where(Booking.community_code == community_code, Booking.id.in_(ids))
        # Asked again: it may have been given up while this waited for the lock.
        .where(Booking.state.in_(("held", "requested", "confirmed")))
        .where(or_(Booking.expires_at.is_(None), Booking.expires_at > period[0]))
        .order_by(Booking.starts_at, Booking.id)
        .with_for_update()
    )
    return (await session.scalars(locked.execution_options(populate_existing=True))).all()


async def picture(session: AsyncSession, community_code: str) -> str:
    """Return all that stands in a community, as text to be compared: bookings, where, when, and their claims."""
    return str(await session.scalar(_STANDING, {"community_code": community_code}))
