"""Explain why a space cannot be booked."""

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.availability.queries import find_alternatives, find_bookable, windows_around
from services.scenarios.availability.rules import (
    OutsideOpeningHours,
    SlotTaken,
    alternatives,
    claimed_period,
    local,
    period_refusals,
)
from services.scenarios.calendar.rules import DayKind
from services.scenarios.spaces.queries import find_space, terms_of
from services.scenarios.spaces.rules import OperatorDebarred, SpaceRetired
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.queries import closures_of, day_kinds, modes_of
from services.scenarios.timetable.rules import Mode, OtherHours, ServesOtherwise, SpaceClosed, hours_on
from shared.clock import Period, local_day
from shared.errors import Refusal

KINDS_ZH: dict[DayKind, str] = {"ordinary": "普通日", "holiday": "节假日", "make_up_workday": "调休上班日"}
_TAKEN = text("""
    SELECT EXISTS (
        SELECT FROM claim WHERE community_code = :community_code AND unit_id = ANY(CAST(:units AS uuid[]))
          AND state <> 'released' AND (expires_at IS NULL OR expires_at > CAST(:now AS timestamptz))
          AND period && tstzrange(CAST(:starts_at AS timestamptz), CAST(:ends_at AS timestamptz)))
""")


async def explain(
    session: AsyncSession, space_id: uuid.UUID, period: Period, function: str, now: datetime
) -> list[Refusal]:
    """Return all that stands against booking a space for a period; nothing, when it can be booked.

    Raises:
        SpaceUnseen: There is none with this id.
    """
    space, row = await find_bookable(session, space_id), await find_space(session, space_id)
    windows = await windows_around(session, space, period, function)
    reasons: list[Refusal] = [SpaceRetired(name=row.name)] if row.retired_at else []
    if row.suspended_from and row.suspended_from <= now:
        reasons.append(OperatorDebarred(space_id=row.id))
    refusals = list(period_refusals(space, windows, period, now))
    reasons += refusals
    if any(isinstance(refusal, OutsideOpeningHours) for refusal in refusals):
        reasons += await _behind(session, row, period, function)
    starts_at, ends_at = claimed_period(space, period)
    if starts_at < ends_at and await session.scalar(
        _TAKEN,
        {
            "community_code": space.community_code,
            "units": list(space.unit_ids),
            "now": now,
            "starts_at": starts_at,
            "ends_at": ends_at,
        },
    ):
        instead = await find_alternatives(session, space, period, now, function)
        reasons.append(SlotTaken(alternatives=alternatives(*instead)))
    return reasons


async def _behind(session: AsyncSession, space: Space, period: Period, function: str) -> list[Refusal]:
    day = local_day(period[0])
    reasons: list[Refusal] = [
        SpaceClosed(starts_at=local(c.period[0]), ends_at=local(c.period[1]), reason=c.reason)
        for c in await closures_of(session, space, period[0])
        if c.period[0] < period[1]
    ]
    kinds = await day_kinds(session, day, day)
    modes = await modes_of(session, space, day)
    own = frozenset[str]().union(*(mode.compatible_with for mode in modes if mode.function == function))
    reasons += [
        ServesOtherwise(function=mode.function, change_over_minutes=mode.change_over_minutes)
        for mode in modes
        if mode.function != function and not mode.goes_with(function, own) and _is_on(mode, kinds[day], period)
    ]
    if hours_on(terms_of(space), day, kinds[day]) != hours_on(terms_of(space), day, "ordinary"):
        reasons.append(OtherHours(day=day.isoformat(), kind=kinds[day], kind_zh=KINDS_ZH[kinds[day]]))
    return reasons


def _is_on(mode: Mode, kind: DayKind, period: Period) -> bool:
    return any(
        start < period[1] and period[0] < end
        for start, end in mode.periods({local_day(period[0]): kind}, mode.change_over_minutes)
    )
