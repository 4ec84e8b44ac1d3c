"""Adopt a scheme: what the check-ups of an area look at."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.checkups.rules import SUBCLASSES, SchemeExists, Subclass
from services.operations.checkups.tables import CheckupScheme

REFERENCE = Path(__file__).parent / "facility-classes.csv"


@dataclass(frozen=True, slots=True)
class Adoption:
    """Who adopts which scheme for which area; without subclasses the reference list, whose names are assumed."""

    code: str
    area_code: str
    subclasses: Sequence[Subclass] | None
    by: str
    now: datetime


def reference() -> list[Subclass]:
    """Return the reference list: 8 classes and 20 subclasses. The numbers are public, the names and weights assumed."""
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        return SUBCLASSES.validate_python(list(csv.DictReader(file)))


async def adopt_scheme(session: AsyncSession, command: Adoption) -> list[Subclass]:
    """Adopt a scheme and return its subclasses.

    Raises:
        SchemeExists: The code is taken; a scheme is never changed.
    """
    subclasses = list(command.subclasses or reference())
    adopted = await session.scalar(
        insert(CheckupScheme)
        .values(
            code=command.code,
            area_code=command.area_code,
            subclasses=SUBCLASSES.dump_python(subclasses),
            adopted_at=command.now,
            adopted_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(CheckupScheme.code)
    )
    if adopted is None:
        raise SchemeExists(code=command.code)
    return subclasses
