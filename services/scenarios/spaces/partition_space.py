"""Divide a space, with the bookings that stand."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.claims.add_units import add_units
from services.scenarios.spaces.publish_space import PublishSpace, space_of
from services.scenarios.spaces.queries import find_space, lock_spaces
from services.scenarios.spaces.rules import SpaceComposite, Terms, check_terms
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.lay_out_windows import lay_out_windows
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class PartitionSpace:
    """A space gets a wall, or a road is marked off in segments: what its parts are called and on what terms let."""

    space_id: uuid.UUID
    parts: tuple[tuple[str, Terms], ...]
    by: Identity
    now: datetime


# The new claims come first: for a moment the unit is claimed as a whole and in parts, and never is it free.
_COPY = text("""
    INSERT INTO claim (community_code, booking_id, unit_id, period, expires_at)
    SELECT community_code, booking_id, part_id, period, expires_at
    FROM claim, unnest(CAST(:parts AS uuid[])) part_id
    WHERE community_code = :community_code AND unit_id = :unit_id AND state <> 'released' AND upper(period) > :now
""")
_RELEASE = text("""
    UPDATE claim SET state = 'released'
    WHERE community_code = :community_code AND unit_id = :unit_id AND state <> 'released' AND upper(period) > :now
""")


async def partition_space(session: AsyncSession, command: PartitionSpace) -> Sequence[Space]:
    """Divide a space's unit, publish its parts and return them; the space stays, made of all of them.

    What is booked of the space, or of another that the unit belongs to, is booked of each part from then on.

    Raises:
        SpaceUnseen: There is no such space.
        OutOfScope: The caller is no staff of the community.
        OpeningHoursOverlap, TermsUnbookable: A part's terms cannot be kept.
        SpaceComposite: It is made of several units already; divide one of its parts.
    """
    space = await find_space(session, command.space_id)
    command.by.require(space.community_code, *STAFF_ROLES)
    for _, terms in command.parts:
        check_terms(terms)
    code, before = space.community_code, space.unit_ids[0]
    sharing = await lock_spaces(session, code, Space.unit_ids.contains([before]))
    if space.unit_ids != [before]:
        raise SpaceComposite(name=space.name, units=len(space.unit_ids))
    units = await add_units(session, code, len(command.parts))
    parameters = {"community_code": code, "unit_id": before, "now": command.now}
    await session.execute(_COPY, {**parameters, "parts": units})
    await session.execute(_RELEASE, parameters)
    for each in sharing:
        each.unit_ids = sorted({*each.unit_ids, *units} - {before})
    parts = [
        space_of(PublishSpace(code, name, terms, command.by, command.now), [unit])
        for unit, (name, terms) in zip(units, command.parts, strict=True)
    ]
    session.add_all(parts)
    await session.flush()
    await lay_out_windows(session, parts, command.now)
    return parts
