"""Open an acceptance of a community's project."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.acceptance import queries
from services.operations.acceptance.rules import check_rubric
from services.operations.acceptance.tables import Acceptance
from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.statements.rules import ProjectType


@dataclass(frozen=True, slots=True)
class Opening:
    """Who has which project assessed, and by which rubric."""

    community_code: str
    project_type: ProjectType
    rubric: str
    by: str
    now: datetime


async def open_acceptance(session: AsyncSession, command: Opening) -> uuid.UUID:
    """Open an acceptance.

    Raises:
        CommunityNotRegistered: The community does not take part.
        RubricUnseen: There is no such rubric.
        RubricOfAnotherType: It is for other project types.
    """
    if await session.get(Community, command.community_code) is None:
        raise CommunityNotRegistered(code=command.community_code)
    _, rubric = await queries.rubric(session, command.rubric)
    check_rubric(rubric, command.project_type)
    row = Acceptance(
        community_code=command.community_code,
        rubric=command.rubric,
        project_type=command.project_type,
        opened_at=command.now,
        opened_by=command.by,
    )
    session.add(row)
    await session.flush()
    return row.id
