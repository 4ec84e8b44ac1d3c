"""Reads of accounts, by owner."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.rules import resident
from services.points.ledger.tables import Account, HoldLot, Lot


@dataclass(frozen=True, slots=True)
class Held:
    """What a resident holds in one community's book of one class, and what of each lot open holds pin."""

    community_code: str
    asset_class: str
    balance: int
    lots: list[Lot]
    pinned: dict[uuid.UUID, int]


async def held_by(session: AsyncSession, resident_id: uuid.UUID, now: datetime) -> Sequence[Held]:
    """Return what a resident holds, in the order of community and class; its lots earliest expiry first."""
    accounts = await session.scalars(
        select(Account)
        .where(Account.owner == resident(resident_id).owner)
        .order_by(Account.community_code, Account.asset_class)
    )
    held = []
    for account in accounts:
        lots = await session.scalars(
            select(Lot)
            .where(
                Lot.community_code == account.community_code,
                Lot.account_id == account.account_id,
                Lot.remaining > 0,
            )
            .order_by(Lot.expires_on, Lot.lot_id)
        )
        pins = await session.execute(
            select(HoldLot.lot_id, func.sum(HoldLot.amount))
            .where(
                HoldLot.community_code == account.community_code,
                HoldLot.account_id == account.account_id,
                HoldLot.expires_at > now,
            )
            .group_by(HoldLot.lot_id)
        )
        pinned = {lot_id: int(amount) for lot_id, amount in pins}
        held.append(Held(account.community_code, account.asset_class, account.balance or 0, list(lots), pinned))
    return held


def spendable(held: Held, today: date) -> int:
    """Return how many points may be spent today: no basic ones, none that have expired, none that are held."""
    if held.asset_class != "service":
        return 0
    return sum(lot.remaining - held.pinned.get(lot.lot_id, 0) for lot in held.lots if lot.expires_on >= today)
