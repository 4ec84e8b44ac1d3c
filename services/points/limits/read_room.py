"""Read the room 额度: locks what is limited, and reads how much of it is left.

Budgets are locked first, then residents, each in their order, and the ledger's accounts after both. A resident has
accounts in many communities, so it is locked by its name; and only where there is a cap, for else nothing is counted.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.conversions.rules import ACTIVITY as CONVERTED
from services.points.limits.rules import Asked, Cap, Direction, Period, Room, Use, begins
from services.points.statements.rules import id_after
from shared.clock import CHINA, local_day
from shared.database import SetStatement, columns

_CAPS = SetStatement("""
    SELECT area, activity, period, points_max FROM (
        SELECT DISTINCT ON (area, activity, period) area, activity, period, points_max FROM resident_cap
        WHERE direction = :direction ORDER BY area, activity, period, version DESC) AS newest
    WHERE points_max IS NOT NULL
""")
_LOCK_BUDGETS = SetStatement("""
    SELECT community_code, points - issued AS left FROM budget
    WHERE year = :year AND community_code = ANY(CAST(:codes AS text[])) ORDER BY community_code FOR NO KEY UPDATE
""")
_ISSUE = SetStatement("""
    UPDATE budget SET issued = issued + points_issued FROM (
        SELECT code, sum(points)::bigint AS points_issued
        FROM unnest(CAST(:codes AS text[]), CAST(:issued AS bigint[])) AS new (code, points) GROUP BY code) AS new
    WHERE community_code = code AND year = :year
""")
_LOCK_RESIDENTS = SetStatement("""
    SELECT pg_advisory_xact_lock(name) FROM (
        SELECT DISTINCT hashtextextended('limit ' || resident_id, 0) AS name
        FROM unnest(CAST(:residents AS text[])) AS asked (resident_id) ORDER BY name) AS ordered
""")
_EARNED = SetStatement("""
    SELECT resident_id, community_code, activity, (occurred_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           sum(points)::bigint AS points, asset_class = 'service' AS spendable
    FROM deed JOIN unnest(CAST(:residents AS uuid[]), CAST(:since AS timestamptz[])) AS asked (resident_id, since)
        USING (resident_id)
    WHERE occurred_at >= since GROUP BY 1, 2, 3, 4, 6
    UNION ALL
    SELECT resident_id, community_code, :converted, (converted_at AT TIME ZONE 'Asia/Shanghai')::date,
           sum(points)::bigint, true
    FROM conversion JOIN unnest(CAST(:residents AS uuid[]), CAST(:since AS timestamptz[]))
        AS asked (resident_id, since) USING (resident_id)
    WHERE converted_at >= since GROUP BY 1, 2, 4
""")
# Whatever has taken the points: a purchase by quote, at a till, of a booking. What was given back of a purchase counts
# no more, for the day of the purchase; what a hold pins counts for today, but for what a dispute has frozen.
_SPENT = SetStatement("""
    WITH own AS (
        SELECT resident_id, since, community_code, account_id
        FROM unnest(CAST(:residents AS uuid[]), CAST(:since AS timestamptz[])) AS asked (resident_id, since)
        JOIN account ON owner = 'resident:' || resident_id AND asset_class = 'service'
    ), spent AS (
        SELECT resident_id, entry.community_code, coalesce(original.posted_at, transfer.posted_at) AS at, since,
               -amount AS points
        FROM own JOIN entry USING (community_code, account_id) JOIN transfer USING (community_code, transfer_id)
        LEFT JOIN transfer original ON original.community_code = transfer.community_code
                                   AND original.transfer_id = transfer.reverses
        WHERE coalesce(original.kind, transfer.kind) = 'redeem' AND entry.transfer_id >= CAST(:first AS uuid)
    )
    SELECT resident_id, community_code, (at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(points)::bigint AS points
    FROM spent WHERE at >= since GROUP BY 1, 2, 3
    UNION ALL
    SELECT resident_id, community_code, CAST(:today AS date), sum(amount)::bigint
    FROM own JOIN hold_lot USING (community_code, account_id)
    WHERE expires_at > :now AND reference NOT LIKE 'dispute:%' GROUP BY 1, 2
""")


async def read_room(session: AsyncSession, direction: Direction, asked: Collection[Asked], *, now: datetime) -> Room:
    """Lock budgets, if points are to be earned, and the residents whom a cap concerns, and read what is left.

    Args:
        session: The transaction that keeps the locks.
        direction: Whether points are to be earned or spent.
        asked: What for.
        now: The ledger's time.
    """
    caps = [
        Cap(area, direction, activity or None, Period(period), points_max)
        for area, activity, period, points_max in await _CAPS.run(session, {"direction": direction})
    ]
    room = Room(caps, {}, local_day(now).year)
    if direction is Direction.EARN:
        codes = sorted({one.use.community_code for one in asked if one.use.spendable})
        left = await _LOCK_BUDGETS.run(session, {"codes": codes, "year": room.year})
        room.budgets = dict(left)
    if since := _since(room, asked):
        await _LOCK_RESIDENTS.run(session, {"residents": list(map(str, since))})
        await _read_used(session, direction, since, room, now)
    return room


def _since(room: Room, asked: Collection[Asked]) -> dict[uuid.UUID, datetime]:
    """Return from when on the uses of the residents are needed whom a cap concerns."""
    since: dict[uuid.UUID, datetime] = {}
    for one in asked:
        for cap in room.concerning(one):
            moment = datetime.combine(begins(cap.period, one.use.day), time(), CHINA)
            since[one.resident_id] = min(since.get(one.resident_id, moment), moment)
    return since


async def _read_used(
    session: AsyncSession, direction: Direction, since: Mapping[uuid.UUID, datetime], room: Room, now: datetime
) -> None:
    bound = columns("residents since", since.items())
    if direction is Direction.EARN:
        for resident_id, *use in await _EARNED.run(session, {**bound, "converted": CONVERTED}):
            room.used.setdefault(resident_id, []).append(Use(*use))
        return
    first = id_after(min(since.values()) - timedelta(milliseconds=1))
    for resident_id, code, day, points in await _SPENT.run(
        session, {**bound, "first": first, "today": local_day(now), "now": now}
    ):
        room.used.setdefault(resident_id, []).append(Use(code, None, day, points))


async def take_room(session: AsyncSession, year: int, issued: Iterable[tuple[str, int]]) -> None:
    """Note service points that were granted, each by its community, in the budgets that `read_room` has locked."""
    await _ISSUE.run(session, {**columns("codes issued", issued), "year": year})
