"""Pledge hours for help that was agreed on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.families.queries import bonds_of, seen_by, state_of
from services.points.families.rules import BondUnseen
from services.points.fraud.queries import require_unfrozen
from services.points.ledger.post import post
from services.points.ledger.rules import AlreadyPosted, AssetClass, hold_of, resident
from services.points.lots.rules import HoldClosed, HoldUnknown
from services.points.timebank.rules import Visit, release
from shared.errors import unless_refused


@dataclass(frozen=True, slots=True)
class PledgeHelp:
    """Whose quarter hours are pledged until when, for help that `receiver` gets."""

    visit: Visit
    payer: UUID
    receiver: UUID
    quarters: int
    until: datetime
    now: datetime


async def pledge_help(session: AsyncSession, command: PledgeHelp) -> None:
    """Hold the hours; asked again, what is held is held.

    Raises:
        BondUnseen: The help is for somebody else than the payer, its spouse and its direct relatives.
        Frozen: The payer is suspected, or ScreeningLate: nobody has looked lately.
        HoldClosed: It was pledged until a moment that is over.
        NotEnoughPoints: The payer has fewer hours in the community's book.
    """
    if command.receiver != command.payer:
        bound = [bond for bond in await bonds_of(session, command.payer) if state_of(bond) == "bound"]
        if command.receiver not in {seen_by(bond, command.payer).other for bond in bound}:
            raise BondUnseen(bond_id=command.visit.visit_id)
    await require_unfrozen(session, resident(command.payer).owner, now=command.now)
    account = (command.visit.community_code, AssetClass.HOURS, resident(command.payer))
    held = hold_of(account, command.visit.reference(0), command.quarters, command.until)
    [outcome] = await post(session, [[held]], now=command.now)
    if not isinstance(outcome, AlreadyPosted):
        unless_refused(outcome)


async def release_help(session: AsyncSession, visit: Visit, now: datetime) -> None:
    """Release what is pledged for help that will not be given; nothing, if nothing is."""
    [outcome] = await post(session, [release(visit)], now=now)
    if not isinstance(outcome, HoldClosed | HoldUnknown):
        unless_refused(outcome)
