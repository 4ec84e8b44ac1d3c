"""Reads of accounts, by owner."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.rules import resident
from services.points.ledger.tables import Account, Lot


@dataclass(frozen=True, slots=True)
class Held:
    """What a resident holds in one community's book of one class."""

    community_code: str
    asset_class: str
    balance: int
    lots: list[Lot]


async def held_by(session: AsyncSession, resident_id: uuid.UUID) -> Sequence[Held]:
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
        held.append(Held(account.community_code, account.asset_class, account.balance or 0, list(lots)))
    return held


def spendable(held: Held, today: date) -> int:
    """Return how many of the points may be spent today: none of the basic ones, none that have expired."""
    if held.asset_class != "service":
        return 0
    return sum(lot.remaining for lot in held.lots if lot.expires_on >= today)
