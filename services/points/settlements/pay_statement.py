"""Note that a statement was paid, outside the book: its points go back to their issuer."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.fraud.queries import require_unfrozen
from services.points.ledger.post import post
from services.points.ledger.rules import ISSUER, AssetClass, PostTransfer, TransferKind, merchant
from services.points.settlements.rules import check_step, state_of
from services.points.settlements.tables import MerchantStatement
from shared.errors import unless_refused


async def pay_statement(
    session: AsyncSession, statement: MerchantStatement, reference: str, by: str, *, now: datetime
) -> None:
    """Note the payment of an approved statement, whose row is locked.

    Raises:
        StatementClosed: It is not approved, or paid already.
        Frozen: The merchant is suspected, or ScreeningLate: nobody has looked lately.
    """
    check_step(state_of(approved=statement.approved_by is not None, paid=statement.paid_by is not None), "approved")
    await require_unfrozen(session, merchant(statement.merchant_id).owner, now=now)
    if statement.points:
        account = merchant(statement.merchant_id)
        transfer = PostTransfer(
            statement.community_code,
            AssetClass.SERVICE,
            TransferKind.SETTLE,
            f"statement:{statement.merchant_id}:{statement.number}",
            ((account, -statement.points), (ISSUER, statement.points)),
        )
        [outcome] = await post(session, [[transfer]], now=now)
        unless_refused(outcome)
    statement.paid_by, statement.paid_at, statement.paid_reference = by, now, reference
    await session.flush()
