"""Reads of acceptances, and what a report is made of."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.acceptance.rules import (
    RUBRIC,
    AcceptanceUnseen,
    Outcome,
    Rubric,
    RubricUnseen,
    Satisfaction,
    judge,
)
from services.operations.acceptance.tables import Acceptance, AcceptanceRubric, AcceptanceScore
from services.operations.communities.tables import CommunityReference


@dataclass(frozen=True, slots=True)
class Report:
    """All that a self-evaluation report says: each figure can be traced to scores and their evidence."""

    community: CommunityReference
    acceptance: Acceptance
    rubric: Rubric
    scores: Sequence[AcceptanceScore]
    outcome: Outcome
    digest: str


async def rubric(session: AsyncSession, code: str) -> tuple[AcceptanceRubric, Rubric]:
    """Return a rubric.

    Raises:
        RubricUnseen: There is none.
    """
    row = await session.get(AcceptanceRubric, code)
    if row is None:
        raise RubricUnseen(code=code)
    return row, RUBRIC.validate_python(row.rubric)


async def acceptance(
    session: AsyncSession, community_code: str, acceptance_id: uuid.UUID, *, hold: bool = False
) -> Acceptance:
    """Return an acceptance; held, nobody else adds to it or decides it meanwhile.

    Raises:
        AcceptanceUnseen: There is none.
    """
    lock = {"key_share": True} if hold else None
    key = (community_code, acceptance_id)
    row = await session.get(Acceptance, key, with_for_update=lock, populate_existing=True)
    if row is None:
        raise AcceptanceUnseen(acceptance_id=str(acceptance_id))
    return row


async def scores(session: AsyncSession, of: Acceptance) -> Sequence[AcceptanceScore]:
    """Return the scores that stand: each assessor's last one per item."""
    order = (AcceptanceScore.item, AcceptanceScore.assessor)
    rows = (
        select(AcceptanceScore)
        .where(AcceptanceScore.community_code == of.community_code, AcceptanceScore.acceptance_id == of.id)
        .ext(distinct_on(*order))
        .order_by(*order, AcceptanceScore.revision.desc())
    )
    return (await session.scalars(rows)).all()


def points_of(rows: Sequence[AcceptanceScore]) -> Mapping[str, list[int]]:
    """Return the assessors' points by item."""
    points: dict[str, list[int]] = {}
    for row in rows:
        points.setdefault(row.item, []).append(row.points)
    return points


def satisfaction_of(of: Acceptance) -> Satisfaction | None:
    """Return the satisfaction survey of an acceptance, if there is one."""
    if of.satisfaction is None:
        return None
    return Satisfaction(**{name: of.satisfaction[name] for name in ("households", "answered", "score_sum")})


async def report(session: AsyncSession, community_code: str, acceptance_id: uuid.UUID) -> Report:
    """Return what the report of an acceptance says, as it stands.

    Raises:
        AcceptanceUnseen: There is none.
    """
    row = await acceptance(session, community_code, acceptance_id)
    _, judged_by = await rubric(session, row.rubric)
    standing = await scores(session, row)
    outcome = judge(judged_by, points_of(standing), satisfaction_of(row))
    community = await session.get_one(CommunityReference, community_code)
    return Report(community, row, judged_by, standing, outcome, digest_of(row, standing, outcome))


def plain(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as JSON can hold it: fractions as `n/d`, so that nothing is lost."""

    def exact(value: object) -> object:
        if isinstance(value, Fraction):
            return f"{value.numerator}/{value.denominator}"
        if isinstance(value, dict):
            return {name: exact(one) for name, one in value.items()}
        return [exact(one) for one in value] if isinstance(value, list | tuple) else value

    return {name: exact(value) for name, value in asdict(outcome).items()}


def digest_of(of: Acceptance, standing: Sequence[AcceptanceScore], outcome: Outcome) -> str:
    """Return the SM3 of what an outcome rests on and of the outcome itself."""
    facts = [of.rubric, of.satisfaction, [[one.item, one.assessor, one.points, one.evidence] for one in standing]]
    canonical = json.dumps([*facts, plain(outcome)], sort_keys=True, ensure_ascii=False)
    return hashlib.new("sm3", canonical.encode()).hexdigest()
