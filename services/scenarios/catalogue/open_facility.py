"""Open a facility of the 一老一小 set."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.catalogue.rules import FacilityKind
from services.scenarios.catalogue.tables import Facility
from services.scenarios.communities.queries import require_registered
from services.scenarios.spaces.rules import SpaceUnseen
from services.scenarios.spaces.tables import Space
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class OpenFacility:
    """A facility, and the space it is in if that can be booked."""

    community_code: str
    kind: FacilityKind
    name: str
    space_id: uuid.UUID | None
    by: Identity
    now: datetime


async def open_facility(session: AsyncSession, command: OpenFacility) -> Facility:
    """Enter a facility in the community's directory.

    Raises:
        OutOfScope: The caller is no staff of the community.
        CommunityUnknown: The community does not take part.
        SpaceUnseen: The community has no such space.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    await require_registered(session, command.community_code)
    if command.space_id is not None and not await session.scalar(
        select(Space.id).where(Space.community_code == command.community_code, Space.id == command.space_id)
    ):
        raise SpaceUnseen(space_id=str(command.space_id))
    facility = Facility(
        community_code=command.community_code,
        kind=command.kind,
        name=command.name,
        space_id=command.space_id,
        published_by=command.by.subject,
        published_at=command.now,
    )
    session.add(facility)
    await session.flush()
    return facility
