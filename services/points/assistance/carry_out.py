"""Carry out what the desk asks for a resident, by the verb that the resident's own command calls."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.assistance.rules import Convert, Cross, Done, GiveHours, Moving, Pay, Share, Voucher
from services.points.conversions import convert as conversions
from services.points.crossings import request_crossing as crossings
from services.points.crossings.rules import CostsMore
from services.points.exchange import make_quote as quotes
from services.points.families import share as families
from services.points.ledger.rules import AssetClass
from services.points.redemptions import redeem as redemptions
from services.points.timebank import give_hours as timebank
from services.points.vouchers import issue_voucher as vouchers
from services.points.vouchers.rules import VoucherKey
from shared.errors import unless_refused

REFUSALS = (
    *quotes.REFUSALS,
    *redemptions.REFUSALS,
    *crossings.REFUSALS,
    *vouchers.REFUSALS,
    *families.REFUSALS,
    *conversions.REFUSALS,
)
"""What `carry_out` may refuse with; hours are given as points are shared."""


@dataclass(frozen=True, slots=True)
class CarryOut:
    """What is done for whom, in the book of which community; `cell` is where this service is, `key` signs."""

    resident_id: uuid.UUID
    community_code: str
    asked: Moving
    cell: str
    key: VoucherKey


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
        case Convert(quarters=quarters):
            done = await conversions.convert(session, conversions.Convert(resident_id, code, quarters, now))
            return Done(0, str(done.conversion_id))
        case GiveHours(quarters=quarters, bond_id=bond_id):
            hours = timebank.GiveHours(resident_id, code, quarters, bond_id, uuid.uuid4().hex, now)
            return Done(0, str((await timebank.give_hours(session, hours)).transfer_id))


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
