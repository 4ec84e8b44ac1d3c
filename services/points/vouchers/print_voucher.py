"""Print a voucher in large print."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.tables import Community
from services.points.vouchers.queries import get_voucher
from shared.clock import CHINA
from shared.identity import Identity
from shared.slip import Slip, draw_slip

FOOT = "限本人使用，一次用完；遗失请到服务台挂失", "For the holder alone, at once; report a loss at the desk"


async def print_voucher(session: AsyncSession, voucher_id: uuid.UUID, by: Identity) -> bytes:
    """Return a voucher as a PDF of one A5 page in large print, with the QR code that tills read.

    Raises:
        VoucherUnknown: There is none that the caller may see.
    """
    voucher = await get_voucher(session, voucher_id, by)
    community = await session.get(Community, voucher.community_code)
    lines = (
        community.name if community else voucher.community_code,
        f"第 {voucher.number:06d} 号",
        f"{voucher.points} 积分",
        f"{voucher.expires_at.astimezone(CHINA):%Y年%m月%d日 %H:%M} 前有效",
    )
    return draw_slip(Slip("积分纸质券", "Voucher", lines, voucher.token, FOOT))
