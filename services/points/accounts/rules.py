"""Who is a resident, and whose account may be seen."""

import uuid
from dataclasses import dataclass

from shared.errors import OutOfScope
from shared.identity import Identity

COMMUNITY_DIGITS = 12


@dataclass(frozen=True, slots=True)
class ResidentCaller:
    """A resident who calls for itself."""

    resident_id: uuid.UUID
    home_community: str


def resident_of(who: Identity) -> ResidentCaller:
    """Return the resident that calls.

    Raises:
        OutOfScope: The caller is no resident of a community.
    """
    kind, _, name = who.subject.partition(":")
    homes = [held.prefix for held in who.roles if held.role == "resident" and len(held.prefix) == COMMUNITY_DIGITS]
    if kind != "resident" or not homes:
        raise OutOfScope(area="本人社区", roles="resident")
    return ResidentCaller(uuid.UUID(name), homes[0])
