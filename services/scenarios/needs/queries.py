"""Reads about needs."""

import uuid
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.needs.tables import Need, NeedAnswer


async def list_needs(
    session: AsyncSession, community_code: str, survey_id: uuid.UUID | None
) -> list[tuple[Need, list[NeedAnswer]]]:
    """Return a community's needs, of one survey or all, by survey and rank, each with what answers it."""
    here = Need.community_code == community_code
    query = select(Need).where(here if survey_id is None else here & (Need.survey_id == survey_id))
    needs = (await session.scalars(query.order_by(Need.survey_id, Need.rank, Need.id))).all()
    linked = await session.scalars(
        select(NeedAnswer)
        .where(NeedAnswer.community_code == community_code, NeedAnswer.need_id.in_([need.id for need in needs]))
        .order_by(NeedAnswer.linked_at)
    )
    answers: dict[uuid.UUID, list[NeedAnswer]] = defaultdict(list)
    for one in linked:
        answers[one.need_id].append(one)
    return [(need, answers[need.id]) for need in needs]
