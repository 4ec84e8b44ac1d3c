"""What stops while a suspicion is looked into, and who may say what about it."""

import uuid
from dataclasses import dataclass

from shared.errors import Conflict, Forbidden, Unseen

SCREEN_LATE_H = 48


@dataclass(kw_only=True, eq=False)
class Frozen(Conflict):
    """What this resident or merchant holds does not leave while a suspicion is looked into; a till is not told who."""

    type = "frozen"
    title = "账户暂停使用"
    title_en = "Frozen"
    detail = "因风险核查，该账户（{who}）的积分暂停使用，不影响获取。您可以在“我的积分—申诉”中提出申诉。"
    detail_en = "The points of this {who} are frozen while a suspicion is looked into. An appeal can be made."

    who: str


@dataclass(kw_only=True, eq=False)
class ScreeningLate(Conflict):
    """Nobody has looked for fraud for too long: nothing leaves until somebody has."""

    type = "screening-late"
    title = "风险筛查未按时完成"
    title_en = "Screening late"
    detail = "风险筛查已超过 {hours} 小时未完成，积分暂停兑换，积分不受影响。请稍后再试。"
    detail_en = "Fraud screening has not run for {hours} hours; nothing can be redeemed until it has. Try again later."

    hours: int


@dataclass(kw_only=True, eq=False)
class AlreadyFrozen(Conflict):
    """The same official has frozen this resident or merchant, and nobody has lifted that."""

    type = "already-frozen"
    title = "您已冻结该账户"
    title_en = "Already frozen"
    detail = "您已冻结 {who}，尚未解除；补充说明请联系处理人员，无须再次冻结。"
    detail_en = "You have frozen {who}, and nobody has lifted it; tell what is new to who decides on it."

    who: str


@dataclass(kw_only=True, eq=False)
class NothingToFreeze(Unseen):
    """Who shall be frozen has no account in the community over which the official has authority."""

    type = "nothing-to-freeze"
    title = "该社区没有此账户"
    title_en = "Nothing to freeze"
    detail = "{who} 在社区 {community_code} 没有账户。请核对编号，并填写其开户或入驻的社区。"
    detail_en = "{who} has no account in {community_code}. Check the id, and name the community where they have one."

    who: str
    community_code: str


@dataclass(kw_only=True, eq=False)
class FreezeUnknown(Unseen):
    """There is no such freeze, or none that this caller may see."""

    type = "freeze-unknown"
    title = "没有该冻结记录"
    title_en = "Freeze unknown"
    detail = "没有冻结记录 {freeze_id}，或您无权查看。"
    detail_en = "There is no freeze {freeze_id} that you may see."

    freeze_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class FreezeClosed(Conflict):
    """The freeze is lifted, or appealed already."""

    type = "freeze-closed"
    title = "该冻结已处理"
    title_en = "Freeze closed"
    detail = "冻结 {freeze_id} 已解除，或已提出申诉。"
    detail_en = "The freeze {freeze_id} is lifted, or was appealed before."

    freeze_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class OwnFreeze(Forbidden):
    """Who froze does not decide on the appeal."""

    type = "own-freeze"
    title = "不能处理自己作出的冻结"
    title_en = "Own freeze"
    detail = "申诉须由作出冻结以外的人员处理。"
    detail_en = "Somebody else than who froze decides."
