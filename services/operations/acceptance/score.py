"""Score items as an assessor, with the evidence."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.acceptance import queries
from services.operations.acceptance.rules import AcceptanceDecided, check_score
from services.operations.acceptance.tables import AcceptanceScore


@dataclass(frozen=True, slots=True)
class Given:
    """Points for an item, and links to what they rest on."""

    item: str
    points: int
    evidence: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scoring:
    """Who scores which acceptance."""

    community_code: str
    acceptance_id: uuid.UUID
    given: Sequence[Given]
    by: str
    now: datetime


async def score(session: AsyncSession, command: Scoring) -> None:
    """Score items; who scored an item before adds a revision, and the last one stands.

    Raises:
        AcceptanceUnseen: There is no such acceptance.
        AcceptanceDecided: It is decided.
        ScoreInadmissible: The rubric has no such item, or gives it fewer points.
    """
    row = await queries.acceptance(session, command.community_code, command.acceptance_id, hold=True)
    if row.decided_at:
        raise AcceptanceDecided(acceptance_id=str(row.id))
    _, rubric = await queries.rubric(session, row.rubric)
    mine = (
        select(AcceptanceScore.item, func.max(AcceptanceScore.revision))
        .where(
            AcceptanceScore.community_code == command.community_code,
            AcceptanceScore.acceptance_id == command.acceptance_id,
            AcceptanceScore.assessor == command.by,
        )
        .group_by(AcceptanceScore.item)
    )
    revisions = {row.item: int(row[1]) for row in await session.execute(mine)}
    for one in command.given:
        check_score(rubric, one.item, one.points)
        revisions[one.item] = revisions.get(one.item, 0) + 1
        session.add(
            AcceptanceScore(
                community_code=command.community_code,
                acceptance_id=command.acceptance_id,
                item=one.item,
                assessor=command.by,
                revision=revisions[one.item],
                points=one.points,
                evidence=list(one.evidence),
                scored_at=command.now,
            )
        )
    await session.flush()
