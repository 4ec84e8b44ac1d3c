"""Reads about use: what was counted in a window, roll-ups, and cases."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.calendar.queries import day_kinds
from services.scenarios.calendar.rules import DayKind
from services.scenarios.spaces.queries import find_space, terms_of
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.rules import openings
from services.scenarios.vacancy.rules import (
    CaseUnseen,
    Counted,
    Mode,
    Profile,
    ProfileUnseen,
    Use,
    bookable,
    check_window,
    measured,
)
from services.scenarios.vacancy.tables import IterationCase, IterationStep, UseProfile, UtilisationMonth
from shared.clock import Period, local_day
from shared.identity import Identity

NOTHING = Counted(uses=0, minutes=0, people=0, headcounts=0, users=0)

# A booking counts in the window in which it starts; one that was cancelled does not, nor one that nobody came to.
COUNT_BY_SPACE = text("""
    SELECT space_id, sum(uses)::bigint AS uses, sum(minutes)::bigint AS minutes, sum(people)::bigint AS people,
           sum(headcounts)::bigint AS headcounts, count(DISTINCT resident_id)::bigint AS users
    FROM (
        SELECT p.space_id, b.resident_id, 1 AS uses,
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
          AND b.state = 'confirmed'
        UNION ALL
        SELECT p.space_id, v.resident_id, 1, 0, v.people, 1
        FROM use_profile p
        JOIN visit v ON v.community_code = p.community_code AND v.space_id = p.space_id
             AND v.visited_at >= :start AND v.visited_at < :end
        WHERE p.community_code = :community_code AND p.mode = 'walk-in'
          AND (CAST(:space_id AS uuid) IS NULL OR p.space_id = :space_id)
    ) used GROUP BY space_id
""")


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """A case and what was done about it, in order."""

    case: IterationCase
    steps: Sequence[IterationStep]


async def count(
    session: AsyncSession, community_code: str, start: datetime, end: datetime, space_id: uuid.UUID | None = None
) -> dict[uuid.UUID, Counted]:
    """Return what was counted in [start, end) in the spaces of a community that were used, or in one of them."""
    given = {"community_code": community_code, "start": start, "end": end, "space_id": space_id}
    rows = await session.execute(COUNT_BY_SPACE, given)
    return {row.space_id: Counted(row.uses, row.minutes, row.people, row.headcounts, row.users) for row in rows}


def profile_of(row: UseProfile) -> Profile:
    """Return a row as the rules take it."""
    return Profile(cast("Mode", row.mode), row.capacity, row.households, row.annual_cost_fen)


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
    counted = await count(session, space.community_code, start, end, space_id)
    kinds = await day_kinds(session, local_day(start), local_day(end))
    return measured_in(space, row, counted.get(space_id, NOTHING), kinds, (start, end))


def measured_in(space: Space, row: UseProfile, counted: Counted, kinds: Mapping[date, DayKind], window: Period) -> Use:
    """Return the measures of a space from what was counted; `kinds` are those of the window's days."""
    profile = profile_of(row)
    return measured(profile, counted, bookable(profile, openings(terms_of(space), kinds), *window), window)


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
