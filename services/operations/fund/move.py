"""Move money between two accounts of a fund: the only way that any of it moves."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.fund.rules import ReferenceUsed, check_balance
from services.operations.fund.tables import Fund, FundAccount, FundTransfer
from shared.events.operations import PointsFunded
from shared.outbox import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What moves, and by what cause: `reference` moves money once."""

    community_code: str
    from_account: str
    to_account: str
    amount_fen: int
    reference: str
    memo: str
    moved_at: datetime
    moved_by: str


async def move(session: AsyncSession, command: Movement) -> None:
    """Move money; a trigger moves both balances. The fund is held by the caller, so that what is told comes in order.

    Raises:
        PotOverdrawn: The account it comes from has not so much.
        ReferenceUsed: Money has moved under this reference.
    """
    key = (command.community_code, command.from_account)
    source = await session.get_one(FundAccount, key, populate_existing=True)
    if source.kind != "outside":
        check_balance(source.code, source.balance_fen, command.amount_fen)
    moved = await session.scalar(
        insert(FundTransfer).values(**asdict(command)).on_conflict_do_nothing().returning(FundTransfer.id)
    )
    if moved is None:
        raise ReferenceUsed(reference=command.reference)
    await _tell(session, command)


async def _tell(session: AsyncSession, moved: Movement) -> None:
    """Tell what the pots for points could pay for, if the money was in one of them or is now."""
    ours = select(FundAccount.code, FundAccount.balance_fen).where(
        FundAccount.community_code == moved.community_code,
        FundAccount.kind == "pot",
        FundAccount.purposes.contains(["points"]),
    )
    pots = {row.code: row.balance_fen for row in await session.execute(ours)}
    if not pots.keys() & {moved.from_account, moved.to_account}:
        return
    fund = await session.get_one(Fund, moved.community_code)
    points = sum(pots.values()) // fund.fen_per_point
    await publish(session, PointsFunded(community_code=moved.community_code, points=points, funded_at=moved.moved_at))
