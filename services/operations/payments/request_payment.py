"""Ask for a payment out of a pot."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.fund import queries
from services.operations.fund.rules import Purpose, check_earmark
from services.operations.payments.tables import FundPayment


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks for how much, for whom and for what; with points when it settles a merchant's."""

    community_code: str
    pot: str
    purpose: Purpose
    payee: str
    amount_fen: int
    by: str
    now: datetime
    points: int | None = None
    merchant_id: uuid.UUID | None = None


async def request_payment(session: AsyncSession, command: Request) -> FundPayment:
    """Ask for a payment; nothing moves before it is approved.

    Raises:
        FundUnseen: The community has no fund.
        PotUnseen: The fund has no such pot.
        EarmarkViolated: The pot may not serve this purpose.
    """
    await queries.fund(session, command.community_code)
    pot = await queries.pot(session, command.community_code, command.pot)
    check_earmark(pot.code, pot.purposes, command.purpose)
    payment = FundPayment(
        community_code=command.community_code,
        pot=command.pot,
        purpose=command.purpose,
        payee=command.payee,
        amount_fen=command.amount_fen,
        points=command.points,
        merchant_id=command.merchant_id,
        state="requested",
        requested_at=command.now,
        requested_by=command.by,
    )
    session.add(payment)
    await session.flush()
    return payment
