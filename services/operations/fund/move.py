"""Move money between two accounts of a fund: the only way that any of it moves."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.fund.rules import ReferenceUsed, check_balance
from services.operations.fund.tables import FundAccount, FundTransfer


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
    """Move money; a trigger moves both balances. The fund is held by the caller.

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
