"""Invite a relative: the code is shown once, and whoever consents with it within a week is meant."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.queries import require_communities
from services.points.communities.rules import CommunityUnknown
from services.points.families.rules import Relation, hash_of
from services.points.families.tables import FamilyBond

CODE_BYTES = 16
REFUSALS = (CommunityUnknown,)
"""What `invite` may refuse with."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who invites, of which community, and what the invited is to them."""

    inviter_id: uuid.UUID
    community_code: str
    relation: Relation
    now: datetime


async def invite(session: AsyncSession, command: Invitation) -> tuple[FamilyBond, str]:
    """Make an invitation; returns it and its code, which is nowhere else to be read.

    Raises:
        CommunityUnknown: The inviter's community does not take part.
    """
    await require_communities(session, command.community_code)
    code = secrets.token_urlsafe(CODE_BYTES)
    bond = FamilyBond(
        community_code=command.community_code,
        inviter_id=command.inviter_id,
        relation=command.relation,
        code_hash=hash_of(code),
        invited_at=command.now,
    )
    session.add(bond)
    await session.flush()
    return bond, code
