"""Apply for an entry permit."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.burdens.rules import Kind, check_term
from services.operations.burdens.tables import EntryPermit


@dataclass(frozen=True, slots=True)
class Application:
    """What a department wants to put on the communities of an area, on what basis, how long it takes and how often."""

    area: str
    department: str
    matter: str
    kind: Kind
    basis: str
    minutes_per_case: int
    cases_per_year: int
    starts_on: date
    ends_on: date
    by: str
    now: datetime


async def apply_for_permit(session: AsyncSession, command: Application) -> EntryPermit:
    """Take in an application; nothing may be asked of a community before it is granted.

    Raises:
        PermitTermInvalid: The term is none, or longer than a year.
    """
    check_term(command.starts_on, command.ends_on)
    permit = EntryPermit(
        area=command.area,
        department=command.department,
        matter=command.matter,
        kind=command.kind,
        basis=command.basis,
        minutes_per_case=command.minutes_per_case,
        cases_per_year=command.cases_per_year,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        applied_at=command.now,
        applied_by=command.by,
    )
    session.add(permit)
    await session.flush()
    return permit
