"""Draw a round."""

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.rounds.queries import find_round
from services.scenarios.rounds.rules import Applicant, Method, allot, explain, ticket_of
from services.scenarios.rounds.tables import Allotment, Application


async def draw_round(session: AsyncSession, round_id: uuid.UUID, now: datetime) -> int:
    """Draw a round that has closed, once, with a reason for each choice of each applicant; returns how many got a slot.

    Raises:
        RoundUnseen: There is no such round.
    """
    found = await find_round(session, round_id, lock=True)
    if found.drawn_at is not None or now < found.closes_at:
        return 0
    applications = await session.scalars(
        select(Application).where(Application.community_code == found.community_code, Application.round_id == found.id)
    )
    applicants = {
        one.resident_id: Applicant(ticket_of(found.seed, one.resident_id), one.category, tuple(one.choices))
        for one in applications
    }
    priorities = [slot["priorities"] for slot in found.slots]
    method = cast("Method", found.method)
    got = allot(method, list(applicants.values()), priorities)
    everybody = {one.ticket: one for one in applicants.values()}
    session.add_all(
        Allotment(
            community_code=found.community_code,
            round_id=found.id,
            resident_id=resident_id,
            ticket=one.ticket,
            slot=got.get(one.ticket),
            reasons=[asdict(reason) for reason in explain(method, one, got, everybody, priorities)],
        )
        for resident_id, one in applicants.items()
    )
    found.drawn_at = now
    await session.flush()
    return len(got)
