"""Reads about use: what was counted in a window, roll-ups, and cases."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import DateTime, Row, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.spaces.queries import find_space
from services.scenarios.vacancy.rules import (
    CaseUnseen,
    Counted,
    Mode,
    Opened,
    Profile,
    ProfileUnseen,
    Use,
    check_window,
    measured,
)
from services.scenarios.vacancy.tables import IterationCase, IterationStep, UseProfile, UtilisationMonth
from shared.clock import Period
from shared.identity import Identity

NOTHING = Counted(uses=0, minutes=0, people=0, headcounts=0, users=0, minutes_by_function={})
NEVER = Opened(minutes=0, by_function={})

# A booking counts in the window in which it starts; one that was cancelled does not, nor one that nobody came to.
_COUNT = text("""
    SELECT space_id, function, sum(uses)::bigint AS uses, sum(minutes)::bigint AS minutes,
           sum(people)::bigint AS people, sum(headcounts)::bigint AS headcounts,
           count(DISTINCT resident_id)::bigint AS users
    FROM (
        SELECT p.space_id, b.function, b.resident_id, 1 AS uses,
               extract(epoch FROM b.ends_at - b.starts_at)::bigint / 60 AS minutes,
               coalesce(v.people, 0) AS people, (v.people IS NOT NULL)::int AS headcounts
        FROM use_profile p
        JOIN booking b ON b.community_code = p.community_code AND b.space_id = p.space_id
             AND b.starts_at >= :start AND b.starts_at < :end
        LEFT JOIN LATERAL (
            SELECT sum(people) AS people FROM visit
            WHERE visit.community_code = b.community_code AND visit.space_id = b.space_id
              AND visit.visited_at >= b.starts_at - interval '1 day' AND visit.visited_at < b.ends_at
              AND visit.booking_id = b.id
        ) v ON true
        WHERE p.community_code = :community_code AND p.mode = 'booked'
          AND (CAST(:space_id AS uuid) IS NULL OR p.space_id = :space_id)
          AND b.state = 'confirmed' AND b.function <> 'emergency'
          AND NOT EXISTS (SELECT FROM no_show n WHERE n.community_code = b.community_code AND n.booking_id = b.id)
        UNION ALL
        SELECT p.space_id, 'base', v.resident_id, 1, 0, v.people, 1
        FROM use_profile p
        JOIN visit v ON v.community_code = p.community_code AND v.space_id = p.space_id
             AND v.visited_at >= :start AND v.visited_at < :end
        WHERE p.community_code = :community_code AND p.mode = 'walk-in'
          AND (CAST(:space_id AS uuid) IS NULL OR p.space_id = :space_id)
    ) used GROUP BY GROUPING SETS ((space_id), (space_id, function))
""")
# Windows of days past stand as they were: with the hours, closures and function modes of their time. A moment in which
# a space could be booked as two things that go together is one moment.
_OPENED = text("""
    WITH opened AS (
        SELECT w.space_id, w.function, tstzrange(greatest(w.starts_at, :start), least(w.ends_at, :end)) AS period
        FROM use_profile p
        JOIN bookable_window w ON w.community_code = p.community_code AND w.space_id = p.space_id
             AND w.starts_at < :end AND w.ends_at > :start
        WHERE p.community_code = :community_code AND (CAST(:space_id AS uuid) IS NULL OR p.space_id = :space_id)
    ), any_function AS (
        SELECT space_id, range_agg(period) AS periods FROM opened GROUP BY space_id
    )
    SELECT space_id, function, sum(extract(epoch FROM upper(period) - lower(period)))::bigint / 60 AS minutes
    FROM opened GROUP BY space_id, function
    UNION ALL
    SELECT space_id, NULL, (
        SELECT sum(extract(epoch FROM upper(period) - lower(period)))::bigint / 60 FROM unnest(periods) period)
    FROM any_function
""").bindparams(bindparam("start", type_=DateTime(timezone=True)), bindparam("end", type_=DateTime(timezone=True)))


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """A case and what was done about it, in order."""

    case: IterationCase
    steps: Sequence[IterationStep]


async def count(
    session: AsyncSession, community_code: str, window: Period, space_id: uuid.UUID | None = None
) -> dict[uuid.UUID, Counted]:
    """Return what was counted in a window in the spaces of a community that were used, or in one of them."""
    given = {"community_code": community_code, "start": window[0], "end": window[1], "space_id": space_id}
    rows = (await session.execute(_COUNT, given)).all()
    minutes = _by_function(rows)
    return {
        row.space_id: Counted(row.uses, row.minutes, row.people, row.headcounts, row.users, minutes[row.space_id])
        for row in rows
        if row.function is None
    }


async def opened(
    session: AsyncSession, community_code: str, window: Period, space_id: uuid.UUID | None = None
) -> dict[uuid.UUID, Opened]:
    """Return how long the spaces of a community were bookable in a window, or one of them."""
    given = {"community_code": community_code, "start": window[0], "end": window[1], "space_id": space_id}
    rows = (await session.execute(_OPENED, given)).all()
    minutes = _by_function(rows)
    return {row.space_id: Opened(row.minutes, minutes[row.space_id]) for row in rows if row.function is None}


def _by_function(rows: Sequence[Row[Any]]) -> dict[uuid.UUID, dict[str, int]]:
    minutes: dict[uuid.UUID, dict[str, int]] = {row.space_id: {} for row in rows}
    for row in rows:
        if row.function is not None:
            minutes[row.space_id][row.function] = row.minutes
    return minutes


async def measure_all(
    session: AsyncSession, community_code: str, window: Period, space_id: uuid.UUID | None = None
) -> Callable[[UseProfile], Use]:
    """Read what was counted and bookable in a window, and return what measures a space by its profile."""
    counted = await count(session, community_code, window, space_id)
    bookable = await opened(session, community_code, window, space_id)

    def measure(row: UseProfile) -> Use:
        profile = Profile(cast("Mode", row.mode), row.capacity, row.households, row.annual_cost_fen)
        return measured(profile, counted.get(row.space_id, NOTHING), bookable.get(row.space_id, NEVER), window)

    return measure


async def measure_space(session: AsyncSession, space_id: uuid.UUID, start: datetime, end: datetime) -> Use:
    """Measure a space's use in [start, end).

    Raises:
        SpaceUnseen: There is no such space.
        ProfileUnseen: Nobody has said what its use is measured against.
        WindowInadmissible: The window is empty, reversed or longer than a year.
    """
    check_window(start, end)
    space = await find_space(session, space_id)
    row = await session.get(UseProfile, (space.community_code, space_id))
    if row is None:
        raise ProfileUnseen(space_id=str(space_id))
    measure = await measure_all(session, space.community_code, (start, end), space_id)
    return measure(row)


async def list_months(session: AsyncSession, community_code: str, month: date) -> Sequence[UtilisationMonth]:
    """Return a community's roll-ups of a month, by space."""
    rows = await session.scalars(
        select(UtilisationMonth)
        .where(UtilisationMonth.community_code == community_code, UtilisationMonth.month == month)
        .order_by(UtilisationMonth.space_id)
    )
    return rows.all()


async def find_case(session: AsyncSession, case_id: uuid.UUID, who: Identity, *, lock: bool = False) -> IterationCase:
    """Return a case that the caller may see, if asked for, locked until the end of the transaction.

    Raises:
        CaseUnseen: There is none, or the caller is no staff of the community.
    """
    query = select(IterationCase).where(IterationCase.id == case_id)
    case = await session.scalar(query.with_for_update() if lock else query)
    if case is None or not who.holds(case.community_code, *STAFF_ROLES):
        raise CaseUnseen(case_id=str(case_id))
    return case


async def find_history(session: AsyncSession, case: IterationCase) -> CaseHistory:
    """Return a case with its steps."""
    steps = await session.scalars(
        select(IterationStep)
        .where(IterationStep.community_code == case.community_code, IterationStep.case_id == case.id)
        .order_by(IterationStep.id)
    )
    return CaseHistory(case, steps.all())


async def list_cases(session: AsyncSession, community_code: str, *, with_closed: bool) -> Sequence[IterationCase]:
    """Return a community's cases, newest first."""
    query = select(IterationCase).where(IterationCase.community_code == community_code)
    if not with_closed:
        query = query.where(IterationCase.stage != "closed")
    return (await session.scalars(query.order_by(IterationCase.id.desc()).limit(200))).all()
