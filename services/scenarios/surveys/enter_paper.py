"""Enter a survey's answers from paper."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.surveys.admit_answers import Respond, admit_answers, record_answers
from services.scenarios.surveys.rules import differing
from services.scenarios.surveys.tables import PaperEntry, Response, Survey
from shared.assistance import ChannelNotAllowed


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of an entry: a response, or the questions in which it differs, or a wait for the second."""

    response: Response | None
    entries: int
    differing: list[str]


async def enter_paper(session: AsyncSession, command: Respond) -> Entered:
    """Enter a paper, as one of two. The response is made when another person's entry agrees; a clerk may enter again.

    Raises:
        Refusal: Those of `admit_answers`.
        ChannelNotAllowed: They do not come from paper: what a resident enters itself is no second clerk's reading.
        AlreadyResponded: The resident has answered.
    """
    if command.on_behalf.channel != "paper":
        raise ChannelNotAllowed(channel=command.on_behalf.channel, allowed="paper")
    survey = await admit_answers(session, command)
    resident_id = command.on_behalf.resident_id
    # Two clerks who enter at once must see each other, or neither would find a second entry.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{survey.id}/{resident_id}", 0))))
    read = {"household_id": command.household_id, "stratum": command.stratum, "answers": dict(command.answers)}
    key = {"community_code": survey.community_code, "survey_id": survey.id, "resident_id": resident_id}
    await session.execute(
        insert(PaperEntry)
        .values(**key, entered_by=command.by.subject, entered_at=command.now, **read)
        .on_conflict_do_update(index_elements=[*key, "entered_by"], set_={**read, "entered_at": command.now})
    )
    others = await session.scalars(
        select(PaperEntry)
        .filter_by(**key)
        .where(PaperEntry.entered_by != command.by.subject)
        .order_by(PaperEntry.entered_at)
        .execution_options(populate_existing=True)
    )
    return await _compare(session, survey, command, list(others))


async def _compare(session: AsyncSession, survey: Survey, command: Respond, others: list[PaperEntry]) -> Entered:
    mine = {"household": command.household_id, "stratum": command.stratum}
    unlike: list[str] = []
    for other in others:
        theirs = {"household": other.household_id, "stratum": other.stratum}
        unlike = sorted({*differing(command.answers, other.answers), *differing(mine, theirs)})
        if not unlike:
            return Entered(await record_answers(session, survey, command), len(others) + 1, [])
    return Entered(None, len(others) + 1, unlike)
