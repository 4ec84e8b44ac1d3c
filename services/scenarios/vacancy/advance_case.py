"""Take an iteration case to its next stage."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.vacancy.queries import find_case, measure_space
from services.scenarios.vacancy.rules import Decision, Stage, check_next, check_trial
from services.scenarios.vacancy.tables import IterationCase, IterationStep
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class AdvanceCase:
    """What was found, proposed, heard or decided, and the stage that it takes the case to."""

    case_id: uuid.UUID
    to: Stage
    note: str
    evidence: dict[str, Any]
    decision: Decision | None
    by: Identity
    now: datetime


async def advance_case(session: AsyncSession, command: AdvanceCase) -> IterationCase:
    """Note a step and go on; to `measure` the case is measured anew from the trial's first day.

    Raises:
        CaseUnseen: There is none, or the caller is no staff of the community.
        StageNotNext: The stage does not follow the present one.
        TrialTooShort: The trial has not lasted long enough to be measured.
        OutOfScope: To close it takes the operator or an official.
    """
    case = await find_case(session, command.case_id, command.by, lock=True)
    check_next(cast("Stage", case.stage), command.to)
    if command.to == "closed":
        command.by.require(case.community_code, "operator", "official")
        case.decision = command.decision
    elif command.to == "trial":
        case.trial_started_at, case.measured_at, case.second = command.now, None, None
    elif command.to == "measure":
        await _measure(session, case, command.now)
    case.stage = command.to
    session.add(
        IterationStep(
            community_code=case.community_code,
            case_id=case.id,
            stage=command.to,
            note=command.note,
            evidence=command.evidence,
            given_by=command.by.subject,
            given_at=command.now,
        )
    )
    await session.flush()
    return case


async def _measure(session: AsyncSession, case: IterationCase, now: datetime) -> None:
    started_at = cast("datetime", case.trial_started_at)  # only a trial is followed by a measurement
    check_trial(started_at, now)
    case.second = (await measure_space(session, case.space_id, started_at, now)).record()
    case.measured_at = now
