"""Who is family: direct relatives, by invitation, consent and the desk's attestation. Nobody else shares points."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.errors import Conflict, Forbidden, Unseen

Relation = Literal["spouse", "parent", "child"]
BondState = Literal["invited", "consented", "bound", "ended"]
REVERSED: dict[Relation, Relation] = {"spouse": "spouse", "parent": "child", "child": "parent"}
MOST: dict[Relation, int] = {"spouse": 1, "parent": 2, "child": 6}
"""How many relatives of a kind somebody can have; that six children are enough is assumed."""
INVITATION_LASTS = timedelta(days=7)


@dataclass(kw_only=True, eq=False)
class InvitationUnseen(Unseen):
    """There is no such invitation that waits."""

    type = "family-invitation-unseen"
    title = "邀请码无效或已过期"
    title_en = "No such invitation"
    detail = "邀请码不存在、已使用或已过期。请家人重新邀请。"
    detail_en = "The code is unknown, used or older than a week. Ask for a new invitation."


@dataclass(kw_only=True, eq=False)
class OwnInvitation(Forbidden):
    """Nobody is their own relative."""

    type = "family-own-invitation"
    title = "不能接受自己的邀请"
    title_en = "One's own invitation"
    detail = "邀请码须由被邀请的家人本人接受。"
    detail_en = "The invited relative has to accept the code, not who invited."


@dataclass(kw_only=True, eq=False)
class RelatedAlready(Conflict):
    """The two are bound already, or one has as many relatives of this kind as there can be."""

    type = "family-related-already"
    title = "亲属关系已登记或已满"
    title_en = "Related already"
    detail = "双方已有亲属关系，或“{relation}”人数已满。请先解除原有关系。"
    detail_en = "The two are related already, or one has no place for another {relation}. End the old bond first."

    relation: str


@dataclass(kw_only=True, eq=False)
class BondUnseen(Unseen):
    """There is no such bond that the caller may see."""

    type = "family-bond-unseen"
    title = "未找到该亲属关系"
    title_en = "No such bond"
    detail = "未找到亲属关系 {bond_id}。积分只能在已绑定的直系亲属之间共享。"
    detail_en = "There is no bond {bond_id}. Points are shared between bound direct relatives only."

    bond_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class BondStepRefused(Conflict):
    """The bond does not stand where this follows."""

    type = "family-bond-step-refused"
    title = "亲属关系状态不允许此操作"
    title_en = "The bond allows no such step"
    detail = "亲属关系当前为 {state}，此操作需要 {wanted}。须先由家人同意，再由社区服务台核验。"
    detail_en = "The bond is {state}; this takes one that is {wanted}. The relative consents, then the desk attests."

    state: str
    wanted: str


@dataclass(kw_only=True, eq=False)
class AttestedByRelative(Forbidden):
    """Who attests is one of the two."""

    type = "family-attested-by-relative"
    title = "不得核验自己的亲属关系"
    title_en = "No attestation of one's own bond"
    detail = "服务台工作人员不得核验本人的亲属关系。请由他人核验。"
    detail_en = "Staff cannot attest a bond of their own. Let somebody else."


@dataclass(frozen=True, slots=True)
class Bond:
    """A bond as one of the two sees it: what the other is to them."""

    other: uuid.UUID
    relation: Relation


def hash_of(code: str) -> str:
    """Return what is kept of an invitation's code: its SHA-256 in hex."""
    return hashlib.sha256(code.encode()).hexdigest()


def is_over(invited_at: datetime, now: datetime) -> bool:
    """Tell whether an invitation has waited too long."""
    return now >= invited_at + INVITATION_LASTS


def check_new(bonds: Sequence[Bond], new: Bond) -> None:
    """Refuse a relative that somebody has, or has no place for.

    Raises:
        RelatedAlready: They do.
    """
    kinds = Counter(bond.relation for bond in bonds)
    if any(bond.other == new.other for bond in bonds) or kinds[new.relation] >= MOST[new.relation]:
        raise RelatedAlready(relation=new.relation)


def require_state(state: BondState, *wanted: BondState) -> None:
    """Refuse a bond that stands elsewhere.

    Raises:
        BondStepRefused: It does.
    """
    if state not in wanted:
        raise BondStepRefused(state=state, wanted="、".join(wanted))
