"""Verify what was delivered in a period."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.billing.queries import require_bill
from services.operations.billing.rules import AlreadyRecorded
from services.operations.billing.tables import Delivery
from services.operations.contracts.tables import Contract


@dataclass(frozen=True, slots=True)
class Verification:
    """How much of a fee's period was delivered, in basis points, and where that is on file."""

    line_no: int
    seq: int
    delivered_bp: int
    evidence: str
    by: str
    now: datetime


async def verify_delivery(session: AsyncSession, contract: Contract, command: Verification) -> None:
    """Record what was delivered.

    Raises:
        LineUnseen: There is no such period, or it has not ended.
        AlreadyRecorded: It is on record.
    """
    await require_bill(session, contract, command.line_no, command.seq, command.now)
    recorded = await session.scalar(
        insert(Delivery)
        .values(
            community_code=contract.community_code,
            contract_id=contract.id,
            line_no=command.line_no,
            seq=command.seq,
            delivered_bp=command.delivered_bp,
            evidence=command.evidence,
            verified_at=command.now,
            verified_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(Delivery.seq)
    )
    if recorded is None:
        raise AlreadyRecorded(what="交付 delivery", line_no=command.line_no, seq=command.seq)
