"""Appeal against a no-show, and decide on the appeal."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.arrivals.queries import find_no_show
from services.scenarios.arrivals.rules import AppealElsewhere
from services.scenarios.arrivals.tables import NoShow
from services.scenarios.assistance.rules import STAFF_ROLES
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Appeal:
    """Why a missed booking, or missed seats, should not count."""

    no_show_id: uuid.UUID
    text: str
    by: Identity
    now: datetime


@dataclass(frozen=True, slots=True)
class DecideAppeal:
    """Whether it counts all the same."""

    no_show_id: uuid.UUID
    upheld: bool
    by: Identity
    now: datetime


async def appeal(session: AsyncSession, command: Appeal) -> NoShow:
    """Appeal, once: the resident itself, or staff for it.

    Raises:
        NoShowUnseen: There is none that the caller may see.
        AppealElsewhere: It was appealed before.
    """
    missed = await find_no_show(session, command.no_show_id, command.by)
    if missed.appealed_at is not None:
        raise AppealElsewhere(state="appealed")
    missed.appeal, missed.appealed_at = command.text, command.now
    await session.flush()
    return missed


async def decide_appeal(session: AsyncSession, command: DecideAppeal) -> NoShow:
    """Decide on an appeal; what is upheld does not count, from the beginning.

    Raises:
        NoShowUnseen: There is none that the caller may see.
        OutOfScope: The caller is no staff of the community.
        AppealElsewhere: There is no appeal, or it is decided.
    """
    missed = await find_no_show(session, command.no_show_id, command.by)
    command.by.require(missed.community_code, *STAFF_ROLES)
    if missed.appealed_at is None or missed.decided_at is not None:
        raise AppealElsewhere(state="decided" if missed.decided_at else "not appealed")
    missed.decided_by, missed.decided_at = command.by.subject, command.now
    missed.excused_because = "appeal" if command.upheld else missed.excused_because
    await session.flush()
    return missed
