"""Reads and locks of the time bank."""

import uuid
from collections.abc import Sequence

from sqlalchemy import exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.rules import AssetClass, resident
from services.points.ledger.tables import Account
from services.points.timebank.tables import HelpPosting, HoursLegacy


async def hold_hours(session: AsyncSession, resident_id: uuid.UUID) -> int:
    """Return how many quarter hours a resident has in all books; until this transaction ends nobody else credits it."""
    name = {"name": f"hours {resident_id}"}
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)
    balances = select(func.coalesce(func.sum(Account.balance), 0)).where(
        Account.owner == resident(resident_id).owner, Account.asset_class == AssetClass.HOURS
    )
    return int(await session.scalar(balances) or 0)


async def is_known_in(session: AsyncSession, community_code: str, resident_id: uuid.UUID) -> bool:
    """Tell whether a resident has, or had, hours in a community's book, or has named there who inherits them."""
    saved = exists().where(
        Account.community_code == community_code,
        Account.owner == resident(resident_id).owner,
        Account.asset_class == AssetClass.HOURS,
    )
    named = exists().where(HoursLegacy.community_code == community_code, HoursLegacy.resident_id == resident_id)
    return bool(await session.scalar(select(or_(saved, named))))


async def postings_of(session: AsyncSession, community_code: str, visit_id: uuid.UUID) -> Sequence[HelpPosting]:
    """Return what was posted for a visit, by revision."""
    rows = select(HelpPosting).where(HelpPosting.community_code == community_code, HelpPosting.visit_id == visit_id)
    return (await session.scalars(rows.order_by(HelpPosting.revision))).all()
