"""Ask for the payment that settles what a merchant took in points."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.fund import queries
from services.operations.payments.request_payment import Request, request_payment
from services.operations.payments.rules import NothingToSettle
from services.operations.payments.tables import FundPayment, FundSettledReceivable
from services.operations.providers.queries import get as get_provider
from services.operations.settlement.tables import Receivable


@dataclass(frozen=True, slots=True)
class Settlement:
    """Who settles with which merchant, from which pot."""

    community_code: str
    merchant_id: uuid.UUID
    pot: str
    by: str
    now: datetime


async def settle_points(session: AsyncSession, command: Settlement) -> FundPayment:
    """Put all receivables that are in no payment yet into one, less refunds, at the fund's worth of a point.

    Raises:
        FundUnseen: The community has no fund.
        ProviderUnseen: There is no such merchant.
        NothingToSettle: All that it is owed is in a payment, or it gave back as much.
        PotUnseen: The fund has no such pot.
        EarmarkViolated: The pot is not for points.
    """
    fund = await queries.hold(session, command.community_code)
    merchant = await get_provider(session, command.merchant_id)
    settled = select(FundSettledReceivable.redemption_id).where(
        FundSettledReceivable.community_code == command.community_code
    )
    rows = await session.execute(
        select(Receivable.redemption_id, Receivable.points).where(
            Receivable.community_code == command.community_code,
            Receivable.merchant_id == command.merchant_id,
            Receivable.redemption_id.not_in(settled),
        )
    )
    owed = [(redemption_id, points) for redemption_id, points in rows]
    points = sum(each for _, each in owed)
    if points <= 0:  # what was given back waits for what is taken next
        raise NothingToSettle(merchant_id=str(command.merchant_id))
    payment = await request_payment(
        session,
        Request(
            community_code=command.community_code,
            pot=command.pot,
            purpose="points",
            payee=merchant.name,
            amount_fen=points * fund.fen_per_point,
            points=points,
            merchant_id=command.merchant_id,
            by=command.by,
            now=command.now,
        ),
    )
    claims = [
        {"community_code": command.community_code, "redemption_id": one, "payment_id": payment.id, "points": each}
        for one, each in owed
    ]
    await session.execute(insert(FundSettledReceivable), claims)
    return payment
