"""Print a receipt of what the desk did, in large print."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.assistance.queries import get_act
from services.points.assistance.rules import SAID
from services.points.communities.tables import Community
from shared.clock import CHINA
from shared.identity import Identity
from shared.slip import Slip, draw_slip

CHANNELS = {"phone": "电话", "desk": "服务台", "visit": "上门", "paper": "纸质"}
FORMS = {"spoken": "口头", "signed": "签字", "recorded": "录音"}
FOOT = "如有疑问，请到服务台查询或更正", "Ask the desk if anything is wrong"


async def print_receipt(session: AsyncSession, act_id: uuid.UUID, by: Identity) -> bytes:
    """Return the receipt of an act as a PDF of one A5 page in large print, with a QR code that names the act.

    Raises:
        AssistedActUnknown: There is none that the caller may see.
    """
    act = await get_act(session, act_id, by)
    community = await session.get(Community, act.community_code)
    form = FORMS.get((act.consent or {}).get("form", ""), "已删除")
    lines = (
        community.name if community else act.community_code,
        SAID[act.asked["kind"]],
        f"支出积分 {act.points}",
        f"办理后可用积分 {act.left}",
        f"{act.acted_at.astimezone(CHINA):%Y年%m月%d日 %H:%M}",
        f"代办渠道 {CHANNELS[act.channel]} · 同意方式 {form}",
        f"编号 {str(act.act_id)[-8:]}",
    )
    return draw_slip(Slip("代办回执", "Receipt of assistance", lines, f"linli:assisted:{act.act_id}", FOOT))
