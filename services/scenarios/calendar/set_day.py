"""Set what kind a day is."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.calendar.rules import DayKind
from services.scenarios.calendar.tables import CalendarDay
from shared.identity import Identity
from shared.put import put

_LAY_OUT_AGAIN = text("UPDATE space SET laid_out_until = :day WHERE laid_out_until > :day")


@dataclass(frozen=True, slots=True)
class SetDay:
    """A day's kind by a notice, such as the State Council's of next year's holidays."""

    day: date
    kind: DayKind
    basis: str
    by: Identity


async def set_day(session: AsyncSession, command: SetDay) -> CalendarDay:
    """Set a day's kind over what the program knows; the worker lays the windows out anew within a minute.

    Bookings that stand are kept, also where they no longer fit.

    Raises:
        OutOfScope: The caller is an official nowhere.
    """
    command.by.require_any("official")
    row = {"kind": command.kind, "basis": command.basis, "set_by": command.by.subject}
    day = await put(session, CalendarDay, {"day": command.day}, row)
    await session.execute(_LAY_OUT_AGAIN, {"day": command.day - timedelta(days=1)})
    return day
