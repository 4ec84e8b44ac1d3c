"""Publish a space: one of its own, or one made of others."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.claims.add_units import add_units
from services.scenarios.communities.queries import require_registered
from services.scenarios.spaces.queries import lock_spaces
from services.scenarios.spaces.rules import PartsInadmissible, Terms, check_terms
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.lay_out_windows import lay_out_windows
from shared.clock import local_day
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class PublishSpace:
    """A space of a community, with the terms on which it is booked.

    Attributes:
        part_ids: The spaces that it is made of: a hall of its two halves, a road of its segments. None: it is whole.
    """

    community_code: str
    name: str
    terms: Terms
    by: Identity
    now: datetime
    part_ids: tuple[uuid.UUID, ...] = ()


async def publish_space(session: AsyncSession, command: PublishSpace) -> Space:
    """Publish a space, open for booking at once.

    Raises:
        OutOfScope: The caller is no staff of the community.
        OpeningHoursOverlap: A time of opening is empty or overlaps another.
        TermsUnbookable: No booking could keep the terms.
        CommunityUnknown: The community does not take part.
        PartsInadmissible: The parts are not spaces of the community, in use and apart.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    check_terms(command.terms)
    await require_registered(session, command.community_code)
    if command.part_ids:
        units = await _units_of_parts(session, command)
    else:
        units = await add_units(session, command.community_code, 1)
    space = space_of(command, units)
    session.add(space)
    await session.flush()
    await lay_out_windows(session, [space], command.now)
    return space


async def _units_of_parts(session: AsyncSession, command: PublishSpace) -> list[uuid.UUID]:
    parts = await lock_spaces(session, command.community_code, Space.id.in_(command.part_ids))
    units = sorted(chain.from_iterable(part.unit_ids for part in parts))
    found = len(parts) == len(command.part_ids) > 1
    if not found or len(set(units)) < len(units) or any(part.retired_at for part in parts):
        raise PartsInadmissible(community_code=command.community_code)
    return units


def space_of(command: PublishSpace, units: Sequence[uuid.UUID]) -> Space:
    """Return the space that a command describes, made of units."""
    terms = command.terms
    return Space(
        community_code=command.community_code,
        name=command.name,
        opening_hours=[asdict(opening) for opening in terms.openings],
        slot_minutes=terms.slot_minutes,
        buffer_minutes=terms.buffer_minutes,
        longest_minutes=terms.longest_minutes,
        holiday_hours=terms.holiday_hours,
        make_up_workday_hours=terms.make_up_workday_hours,
        approval_required=terms.approval_required,
        unit_ids=list(units),
        laid_out_until=local_day(command.now),
        published_by=command.by.subject,
    )
