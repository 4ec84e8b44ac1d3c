"""Carry out what the desk asks for a resident, by the verb that the resident's own command calls."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.assistance import spend_hours as spending
from services.points.assistance.rules import (
    Appeal,
    Asked,
    Convert,
    Cross,
    EndBond,
    GiveHours,
    Invite,
    NameHeir,
    Pay,
    Share,
    Voucher,
)
from services.points.crossings import request_crossing as crossings
from services.points.crossings.rules import CostsMore
from services.points.exchange import make_quote as quotes
from services.points.families import end_bond as bonds
from services.points.families import invite as invitations
from services.points.families import share as families
from services.points.fraud.appeal_freeze import appeal_freeze
from services.points.fraud.queries import hold_freeze
from services.points.fraud.rules import FreezeClosed, FreezeUnknown
from services.points.ledger.rules import AssetClass
from services.points.redemptions import redeem as redemptions
from services.points.vouchers import issue_voucher as vouchers
from services.points.vouchers.rules import VoucherKey
from shared.assistance import subject_of
from shared.errors import unless_refused
from shared.identity import Identity

REFUSALS = (
    *quotes.REFUSALS,
    *redemptions.REFUSALS,
    *crossings.REFUSALS,
    *vouchers.REFUSALS,
    *families.REFUSALS,
    *spending.REFUSALS,
    *invitations.REFUSALS,
    *bonds.REFUSALS,
    FreezeUnknown,
    FreezeClosed,
)
"""What `carry_out` may refuse with."""


@dataclass(frozen=True, slots=True)
class CarryOut:
    """What is done for whom, in the book of which community; `cell` is where this service is, `key` signs."""

    resident_id: uuid.UUID
    community_code: str
    asked: Asked
    cell: str
    key: VoucherKey


@dataclass(frozen=True, slots=True)
class Done:
    """How many service points left the resident, the id of what was made, and the code of an invitation."""

    points: int
    reference: str
    code: str | None = None


async def carry_out(session: AsyncSession, command: CarryOut, *, now: datetime) -> Done:
    """Do what is asked as the resident would do it itself, in the book of one community.

    Raises:
        Refusal: The resident could not do it either (see REFUSALS).
    """
    resident_id, code = command.resident_id, command.community_code
    match command.asked:
        case Pay() as asked:
            return await _pay(session, command, asked, now)
        case Cross() as asked:
            order = crossings.RequestCrossing(resident_id, code, **asked.model_dump(exclude={"kind"}))
            crossing = await crossings.request_crossing(session, order, cell=command.cell, now=now)
            return Done(crossing.paid, str(crossing.crossing_id))
        case Voucher(points=points, days=days):
            paper = vouchers.IssueVoucher(resident_id, code, points, days)
            issued = await vouchers.issue_voucher(session, paper, command.key, now=now)
            return Done(points, str(issued.voucher_id))
        case Share(bond_id=bond_id, points=points):
            gift = families.Share(resident_id, bond_id, code, points, reference=uuid.uuid4().hex, now=now)
            return Done(points, str((await families.share(session, gift)).transfer_id))
        case Convert() | GiveHours() | NameHeir() as asked:
            return Done(0, await spending.spend_hours(session, spending.SpendHours(resident_id, code, asked, now)))
        case asked:
            return await _speak(session, command, asked, now)


async def _pay(session: AsyncSession, command: CarryOut, asked: Pay, now: datetime) -> Done:
    resident_id = command.resident_id
    order = quotes.AskQuote(resident_id, command.community_code, asked.merchant_id, asked.price)
    quote = await quotes.make_quote(session, order, now=now)
    if quote.paid > asked.paid_max:
        raise CostsMore(paid=quote.paid, paid_max=asked.paid_max)
    [outcome] = await redemptions.redeem(
        session, [redemptions.Redeem(resident_id, quote.quote_id, AssetClass.SERVICE)], now=now
    )
    return Done(quote.paid, str(unless_refused(outcome).redemption_id))


async def _speak(session: AsyncSession, command: CarryOut, asked: Invite | EndBond | Appeal, now: datetime) -> Done:
    resident_id = command.resident_id
    match asked:
        case Invite(relation=relation):
            bond, code = await invitations.invite(
                session, invitations.Invitation(resident_id, command.community_code, relation, now)
            )
            return Done(0, str(bond.bond_id), code)
        case EndBond(bond_id=bond_id):
            await bonds.end_bond(session, bond_id, resident_id, now)
            return Done(0, str(bond_id))
        case Appeal(freeze_id=freeze_id, appeal=said):
            freeze = await hold_freeze(session, freeze_id, Identity(subject_of(resident_id), ()))
            await appeal_freeze(session, freeze, said, now=now)
            return Done(0, str(freeze_id))
