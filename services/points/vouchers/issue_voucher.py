"""Issue a voucher: its points are held from now on, so that whoever takes it rightly is paid."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, NotEnoughPoints, hold_of, resident
from services.points.ledger.tables import Lot
from services.points.limits.let_spend import REFUSALS as LET_SPEND
from services.points.limits.let_spend import Spending, let_spend
from services.points.vouchers.rules import (
    HELD_UNTIL_CLOSED,
    POST_WITHIN,
    LotsExpireFirst,
    Stated,
    VoucherKey,
    good_until,
    reference_of,
)
from services.points.vouchers.tables import Voucher
from shared.errors import unless_refused

REFUSALS = (*LET_SPEND, NotEnoughPoints, LotsExpireFirst)
"""What `issue_voucher` may refuse with."""

_NUMBERS = text("SELECT pg_advisory_xact_lock(hashtextextended('voucher ' || :code, 0))")


@dataclass(frozen=True, slots=True)
class IssueVoucher:
    """For whom, of which community's book, worth how many points and good for how many days."""

    resident_id: uuid.UUID
    community_code: str
    points: int
    days: int


async def issue_voucher(session: AsyncSession, command: IssueVoucher, key: VoucherKey, *, now: datetime) -> Voucher:
    """Issue a voucher under the community's next number.

    It counts for the resident's caps from now on, as all that is held.

    Raises:
        Frozen: The resident is suspected, or ScreeningLate: nobody has looked lately.
        CapReached: The resident may spend no more in this period.
        NotEnoughPoints: It has fewer points that are free.
        LotsExpireFirst: They expire today.
    """
    code, now, voucher_id = command.community_code, now.replace(microsecond=0), uuid.uuid4()
    await let_spend(session, Spending(command.resident_id, code, command.points), now=now)
    earliest = await _hold(session, command, voucher_id, now)
    expires_at = good_until(command.days, earliest, now)
    await session.execute(_NUMBERS, {"code": code})  # last, as those who come meanwhile wait for it
    latest = await session.scalar(select(func.max(Voucher.number)).where(Voucher.community_code == code))
    stated = Stated(code, voucher_id, (latest or 0) + 1, command.points, now, expires_at)
    voucher = Voucher(
        **asdict(stated), resident_id=command.resident_id, token=key.sign(stated), closes_at=expires_at + POST_WITHIN
    )
    session.add(voucher)
    await session.flush()
    return voucher


async def _hold(session: AsyncSession, command: IssueVoucher, voucher_id: uuid.UUID, now: datetime) -> date:
    """Hold what the voucher is worth; returns when the first of these points expires."""
    wallet = command.community_code, AssetClass.SERVICE, resident(command.resident_id)
    hold = hold_of(wallet, reference_of(voucher_id), command.points, HELD_UNTIL_CLOSED)
    [outcome] = await post(session, [[hold]], now=now)
    [placed] = unless_refused(outcome)
    pinned = [lot_id for lot_id, _ in placed.lot_moves[0]]
    lots = select(Lot.expires_on).where(Lot.community_code == command.community_code, Lot.lot_id.in_(pinned))
    return min(await session.scalars(lots))
