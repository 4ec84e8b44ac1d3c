"""Settle help: post the quarter hours that a visit counts now, whatever it counted before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.post import post
from services.points.ledger.rules import PostTransfer
from services.points.lots.rules import HoldClosed, HoldUnknown
from services.points.timebank.queries import hold_hours, postings_of
from services.points.timebank.rules import Part, Visit, give, release, split, take_back, taken_from
from services.points.timebank.tables import HelpPosting
from shared.clock import local_day
from shared.errors import unless_refused


@dataclass(frozen=True, slots=True)
class SettleHelp:
    """How many quarter hours a revision of a visit counts, in all."""

    visit: Visit
    revision: int
    quarters: int
    now: datetime


async def settle_help(session: AsyncSession, command: SettleHelp) -> int:
    """Post what a revision counts more than what is posted, or take back what it counts less; returns what was donated.

    Raises:
        NotEnoughPoints: The payer has fewer hours, or the giver has spent what is to be taken back; nothing is posted.
    """
    balance = await hold_hours(session, command.visit.giver)
    rows = await postings_of(session, command.visit.community_code, command.visit.visit_id)
    more = command.quarters - sum(row.quarters - row.taken_back for row in rows)
    freed = [] if rows else release(command.visit)
    if more < 0:
        await _take_back(session, command, rows, -more)
        return 0
    commands = give(command.visit, command.revision, more, balance, local_day(command.now)) if more else []
    await _post(session, freed, commands, command.now)
    donated = split(balance, more)[1]
    if more:
        session.add(_row(command, more, donated))
        await session.flush()
    return donated


async def _post(session: AsyncSession, freed: list[PostTransfer], commands: list[PostTransfer], now: datetime) -> None:
    """Post what was pledged as free again, and out of that what is spent; a pledge that is over is free already."""
    if freed:
        [outcome] = await post(session, [[*freed, *commands]], now=now)
        if not isinstance(outcome, HoldClosed | HoldUnknown):
            unless_refused(outcome)
            return
    if commands:
        [outcome] = await post(session, [commands], now=now)
        unless_refused(outcome)


async def _take_back(session: AsyncSession, command: SettleHelp, rows: Sequence[HelpPosting], quarters: int) -> None:
    by_revision = {row.revision: row for row in rows}
    parts = [Part(row.revision, row.quarters - row.taken_back, row.donated) for row in rows]
    taken = taken_from(parts, quarters)
    commands = [each for part, here in taken for each in take_back(command.visit, command.revision, part, here)]
    [outcome] = await post(session, [commands], now=command.now)
    unless_refused(outcome)
    for part, here in taken:
        row = by_revision[part.revision]
        row.taken_back += here
        row.donated -= min(row.donated, here)
    await session.flush()


def _row(command: SettleHelp, quarters: int, donated: int) -> HelpPosting:
    return HelpPosting(
        community_code=command.visit.community_code,
        visit_id=command.visit.visit_id,
        revision=command.revision,
        giver_id=command.visit.giver,
        payer_id=command.visit.payer,
        quarters=quarters,
        taken_back=0,
        donated=donated,
    )
