"""Put an emergency plan into force."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.bookings.queries import cancelled
from services.scenarios.bookings.tables import Booking
from services.scenarios.claims.claim_units import Wanted, claim_units, release_units
from services.scenarios.emergencies.queries import Situation, find_affected, find_plan, find_situation
from services.scenarios.emergencies.rules import DECIDERS, TASK_HOURS, EmergencyElsewhere, PlanNotApproved, TaskKind
from services.scenarios.emergencies.tables import Emergency, EmergencyChange, EmergencyPlan, EmergencyTask
from services.scenarios.spaces.queries import lock_spaces
from services.scenarios.spaces.tables import Space
from shared.clock import Period
from shared.events.scenarios import EmergencyDeclared
from shared.identity import Identity
from shared.outbox import publish

FUNCTION = "emergency"
"""The function of a booking by which an emergency has a space; it is neither missed nor counted as use."""


@dataclass(frozen=True, slots=True)
class Declare:
    """A plan, why, and until when its spaces are taken over."""

    plan_id: uuid.UUID
    reason: str
    until: datetime
    by: Identity
    now: datetime


async def declare(session: AsyncSession, command: Declare) -> Situation:
    """Take the plan's spaces over, move or cancel what stands there, set the tasks, and broadcast: all or nothing.

    Raises:
        PlanUnseen: There is none that the caller may see.
        OutOfScope: The caller is neither the operator nor an official of the community.
        PlanNotApproved: No second person has approved it.
        EmergencyElsewhere: It is in force.
    """
    plan = await find_plan(session, command.plan_id, command.by)
    command.by.require(plan.community_code, *DECIDERS)
    if plan.approved_at is None:
        raise PlanNotApproved
    emergency = await _begin(session, plan, command)
    # All spaces of the community: nobody books anything until it is clear where what stood here has gone.
    spaces = {str(one.id): one for one in await lock_spaces(session, plan.community_code, Space.retired_at.is_(None))}
    taken = [spaces[one] for one in plan.takeover if one in spaces]
    refuges = [spaces[one] for one in plan.refuges if one in spaces]
    period = command.now, command.until
    units = sorted({unit for space in taken for unit in space.unit_ids})
    for booking in await find_affected(session, plan.community_code, units, period):
        await _give_way(session, plan, emergency, booking, refuges)
    await session.flush()
    for space_units in _apart(taken):
        await _take_over(session, emergency, space_units, period)
    session.add_all(_tasks(plan, emergency))
    await publish(session, _declared(plan, emergency))
    await session.flush()
    return await find_situation(session, emergency)


async def _begin(session: AsyncSession, plan: EmergencyPlan, command: Declare) -> Emergency:
    emergency: Emergency | None = await session.scalar(
        insert(Emergency)
        .values(
            community_code=plan.community_code,
            plan_id=plan.id,
            reason=command.reason,
            declared_by=command.by.subject,
            declared_at=command.now,
            until=command.until,
        )
        .on_conflict_do_nothing()
        .returning(Emergency)
    )
    if emergency is None:
        raise EmergencyElsewhere(state="已在启用")
    return emergency


async def _give_way(
    session: AsyncSession, plan: EmergencyPlan, emergency: Emergency, booking: Booking, refuges: Sequence[Space]
) -> None:
    before, origin = booking.state, booking.space_id
    await release_units(session, booking.community_code, booking.id)
    refuge = await _find_refuge(session, booking, refuges, emergency.declared_at) if before == "confirmed" else None
    if refuge is not None:
        booking.space_id = refuge.id
    else:
        booking.state, booking.expires_at = "cancelled", None
    booking.sequence += 1
    booking.changed_at = emergency.declared_at
    session.add(
        EmergencyChange(
            community_code=booking.community_code,
            emergency_id=emergency.id,
            booking_id=booking.id,
            change="moved" if refuge else "cancelled",
            from_space_id=origin,
            to_space_id=refuge.id if refuge else None,
            state_before=before,
            reason=emergency.reason,
            compensation=plan.compensation,
        )
    )
    if refuge is None and before == "confirmed":
        await publish(session, cancelled(booking, emergency.declared_at))


async def _find_refuge(
    session: AsyncSession, booking: Booking, refuges: Sequence[Space], now: datetime
) -> Space | None:
    if booking.starts_at <= now:
        return None
    for space in refuges:
        period = booking.starts_at, booking.ends_at + timedelta(minutes=space.buffer_minutes)
        wanted = Wanted(booking.community_code, tuple(space.unit_ids), period, now, None, booking.id)
        if await claim_units(session, wanted):
            return space
    return None


def _apart(spaces: Sequence[Space]) -> list[tuple[Space, tuple[uuid.UUID, ...]]]:
    """Give each space the units that no space before it has, so that a hall and its half are taken over once."""
    seen: set[uuid.UUID] = set()
    parts = []
    for space in spaces:
        own = tuple(unit for unit in space.unit_ids if unit not in seen)
        seen.update(own)
        if own:
            parts.append((space, own))
    return parts


async def _take_over(
    session: AsyncSession, emergency: Emergency, part: tuple[Space, tuple[uuid.UUID, ...]], period: Period
) -> None:
    space, units = part
    booking_id = await claim_units(session, Wanted(space.community_code, units, period, period[0]))
    if booking_id is None:
        raise EmergencyElsewhere(state="与另一应急事件冲突")
    session.add(
        Booking(
            community_code=space.community_code,
            id=booking_id,
            space_id=space.id,
            resident_id=emergency.id,
            function=FUNCTION,
            starts_at=period[0],
            ends_at=period[1],
            state="confirmed",
            sequence=0,
            booked_at=period[0],
            changed_at=period[0],
            channel="desk",
            given_by=emergency.declared_by,
            consent={"form": "recorded", "reference": f"emergency {emergency.id}"},
        )
    )
    await session.flush()


def _tasks(plan: EmergencyPlan, emergency: Emergency) -> list[EmergencyTask]:
    wanted: list[tuple[TaskKind, str, int]] = [("care-visit", one, 1) for one in plan.care]
    wanted += [("supplies", item, int(quantity)) for item, quantity in plan.supplies.items()]
    return [
        EmergencyTask(
            community_code=plan.community_code,
            emergency_id=emergency.id,
            kind=kind,
            subject=subject,
            quantity=quantity,
            due_at=emergency.declared_at + timedelta(hours=TASK_HOURS[kind]),
        )
        for kind, subject, quantity in wanted
    ]


def _declared(plan: EmergencyPlan, emergency: Emergency) -> EmergencyDeclared:
    return EmergencyDeclared(
        community_code=plan.community_code,
        emergency_id=emergency.id,
        broadcast=plan.broadcast,
        declared_at=emergency.declared_at,
        until=emergency.until,
    )
