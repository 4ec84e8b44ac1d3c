"""Pass the gate at the end of a stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.projects.queries import passed_days
from services.operations.projects.rules import NotTheStage, Stage, check_gate, current_stage
from services.operations.projects.tables import Project, ProjectGate


@dataclass(frozen=True, slots=True)
class Passage:
    """Who lets a project out of a stage, on which papers (kind → reference)."""

    stage: Stage
    evidence: Mapping[str, str]
    by: str
    now: datetime


async def pass_gate(session: AsyncSession, project: Project, command: Passage) -> None:
    """Let a project out of its stage, into the next.

    Raises:
        NotTheStage: It is in another stage.
        EvidenceMissing: A paper is not on file.
    """
    check_gate(current_stage(await passed_days(session, project)), command.stage, command.evidence)
    passed = await session.scalar(
        insert(ProjectGate)
        .values(
            community_code=project.community_code,
            project_id=project.id,
            stage=command.stage,
            evidence=dict(command.evidence),
            passed_at=command.now,
            passed_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(ProjectGate.stage)
    )
    if passed is None:  # another did, a moment ago
        stage = current_stage(await passed_days(session, project))
        raise NotTheStage(stage=stage, asked=command.stage)
