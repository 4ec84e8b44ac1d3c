"""Rehearse an emergency plan: see what it would do, and that all of it can be undone."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.emergencies.declare import Declare, declare
from services.scenarios.emergencies.queries import Situation, find_plan, picture
from services.scenarios.emergencies.stand_down import StandDown, stand_down


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the plan would change and set as tasks, and whether standing down put everything back."""

    situation: Situation
    restored: bool


async def rehearse(session: AsyncSession, command: Declare) -> Rehearsal:
    """Declare the plan and stand down, within a savepoint that is rolled back: the diff is the real one.

    Raises:
        Refusal: Those of `declare`.
    """
    community_code = (await find_plan(session, command.plan_id, command.by)).community_code
    before = await picture(session, community_code)
    savepoint = await session.begin_nested()
    try:
        situation = await declare(session, command)
        for shown in (situation.emergency, *situation.changes, *situation.tasks):
            session.expunge(shown)  # what the diff shows is as declared, not as undone
        await stand_down(session, StandDown(situation.emergency.id, command.by, command.now))
        await session.flush()
        restored = before == await picture(session, community_code)
    finally:
        await savepoint.rollback()
    return Rehearsal(situation, restored)
