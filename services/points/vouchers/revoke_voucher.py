"""Revoke a voucher 挂失: what is taken from now on is not paid, what was taken before may be posted for a week."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.vouchers.rules import POST_WITHIN, VoucherClosed
from services.points.vouchers.tables import Voucher


async def revoke_voucher(session: AsyncSession, voucher: Voucher, *, by: str, now: datetime) -> None:
    """Revoke a voucher, whose row is locked; its points are free again when no till may post it any more.

    Raises:
        VoucherClosed: It is used, revoked or over.
    """
    if voucher.closed_at or voucher.revoked_at or voucher.expires_at <= now:
        raise VoucherClosed(voucher_id=voucher.voucher_id)
    voucher.revoked_at, voucher.revoked_by = now, by
    voucher.closes_at = min(voucher.closes_at, now + POST_WITHIN)
    await session.flush()
