"""Appeal against a ranking, and rule on it; an appeal that is upheld leads to the next revision."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.competitions import queries
from services.operations.competitions.rank_streets import Order, rank_streets
from services.operations.competitions.rules import APPEAL_DAYS, AppealRefused, OwnAppeal
from services.operations.competitions.tables import CompetitionAppeal


@dataclass(frozen=True, slots=True)
class Appeal:
    """Which street appeals, and on what grounds."""

    competition_id: uuid.UUID
    street_code: str
    grounds: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """Who rules how on which appeal; upheld, it clears the street's flags and leaves records out."""

    competition_id: uuid.UUID
    appeal_id: uuid.UUID
    upheld: bool
    ruling: str
    excluded: Sequence[uuid.UUID]
    by: str
    now: datetime


async def appeal(session: AsyncSession, command: Appeal) -> CompetitionAppeal:
    """Appeal against the ranking that stands.

    Raises:
        CompetitionUnseen: There is no such competition.
        AppealRefused: There is no ranking, it is too old, or the street does not take part.
    """
    of = await queries.competition(session, command.competition_id)
    standing = await queries.ranking(session, of.id)
    in_time = standing is not None and command.now <= standing.ranked_at + timedelta(days=APPEAL_DAYS)
    if standing is None or not in_time or command.street_code not in of.populations:
        raise AppealRefused(days=APPEAL_DAYS)
    row = CompetitionAppeal(
        competition_id=of.id,
        street_code=command.street_code,
        revision=standing.revision,
        grounds=command.grounds,
        state="raised",
        raised_at=command.now,
        raised_by=command.by,
    )
    session.add(row)
    await session.flush()
    return row


async def rule_on_appeal(session: AsyncSession, command: Ruling) -> CompetitionAppeal:
    """Rule on an appeal.

    Raises:
        CompetitionUnseen: There is no such competition or appeal.
        AppealRefused: It is decided.
        OwnAppeal: Who rules has raised it.
    """
    row = await queries.appeal(session, command.competition_id, command.appeal_id)
    if row.state != "raised":
        raise AppealRefused(days=APPEAL_DAYS)
    if row.raised_by == command.by:
        raise OwnAppeal
    row.state = "upheld" if command.upheld else "dismissed"
    row.ruling, row.decided_by, row.decided_at = command.ruling, command.by, command.now
    await session.flush()
    if command.upheld:
        because = f"申诉 {row.id} 成立 / the appeal is upheld"
        cleared = [row.street_code]
        again = Order(command.competition_id, command.by, command.now, because, command.excluded, cleared)
        await rank_streets(session, again)
    return row
