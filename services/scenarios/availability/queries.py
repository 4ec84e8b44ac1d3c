"""Reads about what can be booked, what is free, and what could be had instead."""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, DateTime, Interval, TextClause, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from services.scenarios.availability.rules import (
    ALTERNATIVES_MAX,
    ALTERNATIVES_WITHIN,
    FIRST_FREE_MAX,
    FIRST_FREE_WITHIN_DAYS,
    Bookable,
    Offer,
    Window,
    check_search,
    day_of,
    next_free,
    on_slots,
)
from services.scenarios.spaces.rules import SpaceRetired, SpaceUnseen
from shared.clock import Period

_TYPES: dict[str, TypeEngine[Any]] = {
    **dict.fromkeys(("since", "until", "now", "starts_at", "ends_at"), DateTime(timezone=True)),
    **dict.fromkeys(("buffer", "length"), Interval()),
    "units": ARRAY(Uuid),
}

FIRST_CANDIDATES = 100
"""How many windows are looked at before all are; more than FIRST_FREE_MAX, as most may be taken."""


def _typed(sql: str) -> TextClause:
    """Return a statement whose parameters have types: PostgreSQL cannot guess those of ranges and intervals."""
    named = set(re.findall(r":(\w+)", sql))
    return text(sql).bindparams(*(bindparam(name, type_=kind) for name, kind in _TYPES.items() if name in named))


_FIND = """
    SELECT id, community_code, name, unit_ids, slot_minutes, buffer_minutes, longest_minutes, approval_required,
        retired_at, suspended_from
    FROM space WHERE id = :space_id
"""
_WINDOWS = _typed("""
    SELECT starts_at, ends_at, grid_from FROM bookable_window
    WHERE community_code = :community_code AND space_id = :space_id AND function = :function
      AND starts_at < :until AND ends_at > :since
    ORDER BY starts_at
""")
# A booking needs its buffer free as well: whatever ends less than a buffer before a claim is not free.
_FREE = _typed("""
    SELECT lower(rest) AS starts_at, upper(rest) AS ends_at, grid_from
    FROM bookable_window w, LATERAL unnest(
        tstzmultirange(tstzrange(w.starts_at, w.ends_at) * tstzrange(:since, :until)) - coalesce((
            SELECT range_agg(tstzrange(lower(c.period) - :buffer, upper(c.period))) FROM claim c
            WHERE c.community_code = w.community_code AND c.unit_id = ANY(:units) AND c.state <> 'released'
              AND (c.expires_at IS NULL OR c.expires_at > :now)
              AND c.period && tstzrange(w.starts_at, w.ends_at + :buffer)
        ), '{}')) AS rest
    WHERE w.community_code = :community_code AND w.space_id = :space_id AND w.function = :function
      AND w.starts_at < :until AND w.ends_at > :since
    ORDER BY 1
""")
_OTHER_SPACES = _typed("""
    SELECT s.id, s.name
    FROM bookable_window w JOIN space s ON s.community_code = w.community_code AND s.id = w.space_id
    WHERE w.community_code = :community_code AND w.function = :function
      AND w.starts_at <= :starts_at AND w.ends_at >= :ends_at
      AND s.id <> :space_id AND s.retired_at IS NULL AND (s.suspended_from IS NULL OR s.suspended_from > :now)
      AND :ends_at - :starts_at <= s.longest_minutes * interval '1 minute'
      AND mod(extract(epoch FROM :starts_at - w.grid_from), s.slot_minutes * 60) = 0
      AND mod(extract(epoch FROM :ends_at - :starts_at), s.slot_minutes * 60) = 0
      AND NOT EXISTS (
          SELECT FROM claim c
          WHERE c.community_code = s.community_code AND c.unit_id = ANY(s.unit_ids) AND c.state <> 'released'
            AND (c.expires_at IS NULL OR c.expires_at > :now)
            AND c.period && tstzrange(:starts_at, :ends_at + s.buffer_minutes * interval '1 minute'))
    ORDER BY s.id LIMIT :most
""")

# Of a window's rest only the first piece that is long enough counts, and of a space's windows only the first such. The
# windows come in the order of the first start that each could have: `last_at` and `last_id` are of the last looked at.
_FIRST_FREE = _typed("""
    WITH candidate AS MATERIALIZED (
        SELECT s.id, s.name, s.unit_ids, s.slot_minutes * interval '1 minute' AS slot,
            s.buffer_minutes * interval '1 minute' AS buffer, w.grid_from, greatest(w.starts_at, :since) AS starts_at,
            w.ends_at, date_bin(s.slot_minutes * interval '1 minute', greatest(w.starts_at, :since)
                + s.slot_minutes * interval '1 minute' - interval '1 microsecond', w.grid_from) AS soonest
        FROM bookable_window w JOIN space s ON s.community_code = w.community_code AND s.id = w.space_id
        WHERE w.community_code = :community_code AND w.function = :function
          AND w.starts_at < :until AND w.ends_at > :since AND w.starts_at >= :since - interval '1 day'
          AND s.retired_at IS NULL AND (s.suspended_from IS NULL OR s.suspended_from > :now)
          AND :length <= s.longest_minutes * interval '1 minute'
          AND mod(extract(epoch FROM :length), s.slot_minutes * 60) = 0
        ORDER BY soonest, s.id LIMIT :candidates
    ), last AS (SELECT soonest, id FROM candidate ORDER BY soonest DESC, id DESC LIMIT 1)
    SELECT c.id, c.name, min(first.starts_at) AS starts_at,
        (SELECT soonest FROM last) AS last_at, (SELECT id FROM last) AS last_id
    FROM candidate c
    CROSS JOIN LATERAL (
        SELECT date_bin(c.slot, lower(rest) + c.slot - interval '1 microsecond', c.grid_from) AS starts_at,
            upper(rest) AS free_until
        FROM unnest(tstzmultirange(tstzrange(c.starts_at, c.ends_at)) - coalesce((
            SELECT range_agg(tstzrange(lower(period) - c.buffer, upper(period))) FROM claim
            WHERE community_code = :community_code AND unit_id = ANY(c.unit_ids) AND state <> 'released'
              AND (expires_at IS NULL OR expires_at > :now) AND period && tstzrange(c.starts_at, c.ends_at + c.buffer)
        ), '{}')) AS rest
    ) AS first
    WHERE first.starts_at + :length <= first.free_until
    GROUP BY c.id, c.name ORDER BY starts_at, c.id LIMIT :most
""")


async def find_bookable(session: AsyncSession, space_id: uuid.UUID) -> Bookable:
    """Return what booking a space takes to know.

    Raises:
        SpaceUnseen: There is none with this id.
    """
    return _bookable(await session.execute(text(_FIND), {"space_id": space_id}), space_id)[0]


async def hold_bookable(session: AsyncSession, space_id: uuid.UUID) -> Bookable:
    """Return the same, and keep what the space is made of, and when it can be booked, as it is until the end.

    Many may book at once; who divides a space, or changes when it is open, waits for them, and they for it.

    Raises:
        SpaceUnseen: There is none with this id.
        SpaceRetired: It takes no new bookings.
    """
    found = await session.execute(text(_FIND + " FOR KEY SHARE"), {"space_id": space_id})
    space, retired_at = _bookable(found, space_id)
    if retired_at:
        raise SpaceRetired(name=space.name)
    return space


def _bookable(found: Any, space_id: uuid.UUID) -> tuple[Bookable, datetime | None]:  # noqa: ANN401 - rows of _FIND
    row = found.one_or_none()
    if row is None:
        raise SpaceUnseen(space_id=str(space_id))
    slot, buffer, longest = (timedelta(minutes=m) for m in (row.slot_minutes, row.buffer_minutes, row.longest_minutes))
    facts = (row.id, row.community_code, row.name, tuple(row.unit_ids))
    space = Bookable(*facts, slot, buffer, longest, row.approval_required, row.suspended_from)
    return space, row.retired_at


async def windows_around(session: AsyncSession, space: Bookable, period: Period, function: str) -> list[Window]:
    """Return when the space can be booked for a function, on the day on which a period starts and until it ends."""
    since, until = day_of(period[0])
    rows = await session.execute(_WINDOWS, _of(space, function) | {"since": since, "until": max(until, period[1])})
    return [Window((row.starts_at, row.ends_at), row.grid_from) for row in rows]


def _of(space: Bookable, function: str) -> dict[str, Any]:
    return {"community_code": space.community_code, "space_id": space.id, "function": function}


async def find_free(
    session: AsyncSession, space_id: uuid.UUID, within: Period, now: datetime, function: str = "base"
) -> list[Period]:
    """Return when a space is free, from now on; never, if it takes no bookings at all.

    Raises:
        SpaceUnseen: There is no such space.
        PeriodReversed: The period is empty or reversed.
        SearchTooLong: It spans too many days.
    """
    check_search(within)
    space, retired_at = _bookable(await session.execute(text(_FIND), {"space_id": space_id}), space_id)
    if retired_at or (space.suspended_from and space.suspended_from <= now):
        return []
    return await _free(session, space, within, now, function)


async def _free(session: AsyncSession, space: Bookable, within: Period, now: datetime, function: str) -> list[Period]:
    since, until = max(now, within[0]), within[1]
    if until <= since:
        return []
    parameters = {"since": since, "until": until, "now": now, "buffer": space.buffer, "units": list(space.unit_ids)}
    rows = await session.execute(_FREE, _of(space, function) | parameters)
    free = (on_slots(space, Window((row.starts_at, row.ends_at), row.grid_from)) for row in rows)
    return [period for period in free if period]


async def find_alternatives(
    session: AsyncSession, space: Bookable, period: Period, now: datetime, function: str
) -> tuple[Sequence[Period], Sequence[Offer]]:
    """Return when else the space is free for as long, and what other spaces of the community are free then."""
    around = (day_of(period[0])[0], period[0] + ALTERNATIVES_WITHIN)
    same_space = next_free(await _free(session, space, around, now, function), period)
    rows = await session.execute(
        _OTHER_SPACES,
        _of(space, function) | {"starts_at": period[0], "ends_at": period[1], "now": now, "most": ALTERNATIVES_MAX},
    )
    return same_space, [Offer(row.id, row.name) for row in rows]


async def find_first_free(
    session: AsyncSession, community_code: str, since: datetime, length: timedelta, *, function: str, now: datetime
) -> list[tuple[Offer, Period]]:
    """Return the spaces of a community that are free soonest for as long, and when, soonest first.

    It looks day by day, so that a community with room today is not searched for the whole of the fortnight, and at each
    day first at the spaces that open first: when enough of these are free before another opens, that is the answer.
    """
    since = max(since, now)
    asked = {"community_code": community_code, "function": function, "length": length, "now": now}
    for _ in range(FIRST_FREE_WITHIN_DAYS):
        until = day_of(since)[1]
        for candidates in (FIRST_CANDIDATES, None):
            parameters = asked | {"since": since, "until": until, "candidates": candidates, "most": FIRST_FREE_MAX}
            rows = (await session.execute(_FIRST_FREE, parameters)).all()
            worst = rows[-1] if len(rows) == FIRST_FREE_MAX else None
            if worst and (worst.starts_at, worst.id) <= (worst.last_at, worst.last_id):
                break
        if rows:
            return [(Offer(row.id, row.name), (row.starts_at, row.starts_at + length)) for row in rows]
        since = until
    return []
