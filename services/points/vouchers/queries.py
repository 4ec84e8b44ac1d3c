"""Reads of vouchers, and of what tills reported."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.rules import resident
from services.points.vouchers.rules import VoucherUnknown
from services.points.vouchers.tables import Presentation, Voucher
from shared.identity import Identity

LISTED_MAX = 200
STAFF = ("desk", "operator", "official")


async def get_voucher(session: AsyncSession, voucher_id: uuid.UUID, who: Identity) -> Voucher:
    """Return a voucher to its resident, or to staff of its community, locked until the transaction ends.

    Raises:
        VoucherUnknown: There is none that this caller may see.
    """
    found = select(Voucher).where(Voucher.voucher_id == voucher_id).with_for_update(key_share=True)
    voucher = await session.scalar(found)
    if voucher is None or not (
        who.subject == resident(voucher.resident_id).owner or who.holds(voucher.community_code, *STAFF)
    ):
        raise VoucherUnknown(voucher_id=voucher_id)
    return voucher


async def vouchers_of(session: AsyncSession, resident_id: uuid.UUID) -> Sequence[Voucher]:
    """Return a resident's vouchers, the newest first, at most LISTED_MAX."""
    found = select(Voucher).where(Voucher.resident_id == resident_id)
    return (await session.scalars(found.order_by(Voucher.issued_at.desc()).limit(LISTED_MAX))).all()


async def vouchers_in(session: AsyncSession, community_code: str) -> Sequence[Voucher]:
    """Return a community's vouchers, the newest first, at most LISTED_MAX."""
    found = select(Voucher).where(Voucher.community_code == community_code)
    return (await session.scalars(found.order_by(Voucher.number.desc()).limit(LISTED_MAX))).all()


async def presentations_to(session: AsyncSession, code: str, merchant_id: uuid.UUID) -> Sequence[Presentation]:
    """Return what a merchant's tills reported, the newest first, at most LISTED_MAX."""
    found = select(Presentation).where(Presentation.community_code == code, Presentation.merchant_id == merchant_id)
    return (await session.scalars(found.order_by(Presentation.posted_at.desc()).limit(LISTED_MAX))).all()
