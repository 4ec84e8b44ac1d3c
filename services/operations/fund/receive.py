"""Take money from outside into a pot: a grant, a donation, a rent."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.fund import queries
from services.operations.fund.move import Movement, move


async def receive(session: AsyncSession, command: Movement) -> None:
    """Take money into a pot.

    Raises:
        FundUnseen: The community has no fund.
        PotUnseen: The fund has no such pot.
        ReferenceUsed: The receipt is booked already.
    """
    await queries.hold(session, command.community_code)
    await queries.pot(session, command.community_code, command.to_account)
    await move(session, command)
