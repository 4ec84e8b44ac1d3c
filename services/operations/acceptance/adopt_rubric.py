"""Adopt a rubric for an area."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.acceptance.rules import RUBRIC, RUBRICS, Rubric, RubricExists
from services.operations.acceptance.tables import AcceptanceRubric
from services.operations.statements.rules import ProjectType

REFERENCE = Path(__file__).parent / "rubrics.json"


@dataclass(frozen=True, slots=True)
class Adoption:
    """Who adopts which rubric for which area."""

    area_code: str
    rubric: Rubric
    by: str
    now: datetime


def reference(project_type: ProjectType) -> Rubric:
    """Return the reference rubric of a project type."""
    known = RUBRICS.validate_json(REFERENCE.read_bytes())
    return next(rubric for rubric in known if project_type in rubric.project_types)


async def adopt_rubric(session: AsyncSession, command: Adoption) -> None:
    """Adopt a rubric.

    Raises:
        RubricExists: The code is taken; a rubric is never changed.
    """
    adopted = await session.scalar(
        insert(AcceptanceRubric)
        .values(
            code=command.rubric.code,
            area_code=command.area_code,
            rubric=RUBRIC.dump_python(command.rubric, mode="json"),
            adopted_at=command.now,
            adopted_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(AcceptanceRubric.code)
    )
    if adopted is None:
        raise RubricExists(code=command.rubric.code)
