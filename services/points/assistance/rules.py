"""What the desk may do for a resident (P39), and how much of it in a day."""

import uuid
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.points.families.rules import Relation
from services.points.vouchers.rules import GOOD_FOR_DAYS_MAX
from shared.errors import Conflict, Unseen
from shared.fields import PRINTABLE, CommunityCode

POINTS_MAX_PER_ACT = 1_000
POINTS_MAX_PER_RESIDENT_AND_DAY = 2_000
POINTS_MAX_PER_CLERK_AND_DAY = 20_000
ACTS_MAX_PER_RESIDENT_AND_DAY = 12
"""The limits of the desk, in service points that leave the resident, by civil day in China; they stand beside all that
limit the resident itself. The act limit keeps what a clerk could take from one person small, the clerk's what it could
take from many."""

Points = Annotated[int, Field(ge=1, le=1_000_000)]


class Part(BaseModel):
    """What is done: nothing unknown is in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Pay(Part):
    """Pay a merchant, of this or another community, in one step."""

    kind: Literal["pay"]
    merchant_id: uuid.UUID
    price: Annotated[Points, Field(description="商户应得积分 / points that the merchant gets")]
    paid_max: Annotated[Points, Field(description="居民同意的最多支付 / the most that the resident agreed to pay")]


class Cross(Part):
    """Pay a merchant of another cell."""

    kind: Literal["cross"]
    to_community: CommunityCode
    merchant_id: uuid.UUID
    price: Points
    paid_max: Points


class Voucher(Part):
    """Have a voucher printed."""

    kind: Literal["voucher"]
    points: Points
    days: Annotated[int, Field(ge=1, le=GOOD_FOR_DAYS_MAX)] = 30


class Share(Part):
    """Share points with a bound relative."""

    kind: Literal["share"]
    bond_id: uuid.UUID
    points: Points


class Convert(Part):
    """Convert hours into points."""

    kind: Literal["convert"]
    quarters: Annotated[int, Field(ge=1, le=100_000, description="刻钟 / quarter hours")]


class GiveHours(Part):
    """Give hours to a bound relative, or, without a bond, to the community."""

    kind: Literal["give_hours"]
    quarters: Annotated[int, Field(ge=1, le=100_000, description="刻钟 / quarter hours")]
    bond_id: uuid.UUID | None = None


class NameHeir(Part):
    """Name the bound relative, or, without a bond, the community, that inherits one's hours."""

    kind: Literal["name_heir"]
    bond_id: uuid.UUID | None = None


class Invite(Part):
    """Invite a relative, who consents in person with the code that the answer tells once."""

    kind: Literal["invite"]
    relation: Relation


class EndBond(Part):
    """End a family bond."""

    kind: Literal["end_bond"]
    bond_id: uuid.UUID


class Appeal(Part):
    """Say what is to be said against a freeze."""

    kind: Literal["appeal"]
    freeze_id: uuid.UUID
    appeal: Annotated[str, Field(min_length=2, max_length=1000, pattern=PRINTABLE)]


Moving = Pay | Cross | Voucher | Share | Convert | GiveHours
Saying = Invite | EndBond | NameHeir | Appeal
Asked = Annotated[Moving | Saying, Field(discriminator="kind")]
"""What a resident could do itself. Only its consent to be somebody's relative is given by nobody else."""

SAID = {
    "pay": "积分支付",
    "cross": "跨区支付（待对方确认）",
    "voucher": "开具积分纸质券",
    "share": "与家人共享积分",
    "convert": "时间币兑换积分",
    "give_hours": "赠与或捐赠时间币",
    "name_heir": "指定时间币继承人",
    "invite": "邀请家人",
    "end_bond": "解除亲属关系",
    "appeal": "冻结申诉",
}
"""How a receipt calls it."""


@dataclass(kw_only=True, eq=False)
class AssistedLimitReached(Conflict):
    """The desk may do no more for this resident, or this clerk for anybody, today."""

    type = "assisted-limit-reached"
    title = "已达代办限额"
    title_en = "Limit of assistance reached"
    detail = "代办限额（{limit}）为 {most}，尚余 {left}，本次需要 {required}。超出部分请居民本人办理，或次日再来。"
    detail_en = (
        "The desk's limit ({limit}) is {most}; {left} are left, this takes {required}. The resident may do the rest"
        " itself, or come again tomorrow."
    )

    limit: str
    most: int
    left: int
    required: int


@dataclass(kw_only=True, eq=False)
class AssistedActUnknown(Unseen):
    """There is no such act, or none that this caller may see."""

    type = "assisted-act-unknown"
    title = "没有该笔代办"
    title_en = "Assisted act unknown"
    detail = "没有代办记录 {act_id}，或您无权查看。"
    detail_en = "There is no assisted act {act_id} that you may see."

    act_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Done:
    """How many service points left the resident, the id of what was made, and the code of an invitation."""

    points: int
    reference: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """What the desk has done today: for the resident in points and acts, and by the clerk in points."""

    resident_points: int
    resident_acts: int
    clerk_points: int


def check_limits(today: Today, points: int) -> None:
    """Refuse one act more that takes `points` from the resident.

    Raises:
        AssistedLimitReached: It goes past a limit, which it names.
    """
    limits = (
        ("每笔积分 points per act", POINTS_MAX_PER_ACT, 0, points),
        ("每名居民每日积分 points per resident a day", POINTS_MAX_PER_RESIDENT_AND_DAY, today.resident_points, points),
        ("每名居民每日笔数 acts per resident a day", ACTS_MAX_PER_RESIDENT_AND_DAY, today.resident_acts, 1),
        ("每名经办人每日积分 points per clerk a day", POINTS_MAX_PER_CLERK_AND_DAY, today.clerk_points, points),
    )
    for limit, most, used, required in limits:
        if used + required > most:
            raise AssistedLimitReached(limit=limit, most=most, left=max(most - used, 0), required=required)
