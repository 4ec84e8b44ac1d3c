"""Who may be a provider, and how it moves between the lists."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.errors import Conflict, Inadmissible, Unseen

Kind = Literal["operator", "merchant"]
State = Literal["candidate", "listed", "debarred"]

NEXT: dict[State, frozenset[State]] = {
    "candidate": frozenset({"listed"}),
    "listed": frozenset({"debarred"}),
    "debarred": frozenset(),
}
"""From each state the states that a decision may lead to."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = [3**place % 31 for place in range(17)]
_FORM = re.compile(rf"[1-9A-HJ-NP-RTUWXY]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")
_ID_BASE = "https://linli.example/providers/"


@dataclass(kw_only=True, eq=False)
class SocialCreditCodeInvalid(Inadmissible):
    """The code breaks GB 32100."""

    type = "social-credit-code-invalid"
    title = "统一社会信用代码有误"
    title_en = "Invalid social-credit code"
    detail = "{social_credit_code} 不符合 GB 32100（18 位，末位为校验码）。请对照营业执照核对。"
    detail_en = (
        "{social_credit_code} breaks GB 32100 (18 characters, the last a check). Compare it with the business licence."
    )

    social_credit_code: str


@dataclass(kw_only=True, eq=False)
class ProviderAlreadyRegistered(Conflict):
    """Another provider has the code."""

    type = "provider-already-registered"
    title = "该主体已登记"
    title_en = "Provider already registered"
    detail = "统一社会信用代码 {social_credit_code} 已登记为服务提供商 {provider_id}。"
    detail_en = "{social_credit_code} is registered already, as the provider {provider_id}."

    social_credit_code: str
    provider_id: str


@dataclass(kw_only=True, eq=False)
class ProviderUnseen(Unseen):
    """There is no such provider, or there was none at the time asked for."""

    type = "provider-unseen"
    title = "未找到该服务提供商"
    title_en = "No such provider"
    detail = "未找到服务提供商 {provider_id}，或在所查时点尚未登记。"
    detail_en = "There is no provider {provider_id}, or there was none yet at that time."

    provider_id: str


@dataclass(kw_only=True, eq=False)
class ListingStepRefused(Conflict):
    """The state machine has no such step."""

    type = "listing-step-refused"
    title = "名单状态不允许此操作"
    title_en = "The list allows no such step"
    detail = "当前状态为 {state}，不能变更为 {asked}。"
    detail_en = "The provider is {state}; it cannot become {asked}."

    state: str
    asked: str


@dataclass(kw_only=True, eq=False)
class DecisionOutOfOrder(Conflict):
    """A decision would take effect before the one it follows."""

    type = "decision-out-of-order"
    title = "生效时间早于上一决定"
    title_en = "Effective before the decision it follows"
    detail = "生效时间不得早于上一决定的生效时间 {not_before}。"
    detail_en = "The decision before took effect at {not_before}; this one may not take effect earlier."

    not_before: str


@dataclass(kw_only=True, eq=False)
class ProviderIsDebarred(Conflict):
    """The provider is on the black list."""

    type = "provider-debarred"
    title = "服务提供商已列入黑名单"
    title_en = "Provider debarred"
    detail = "服务提供商 {provider_id} 已列入黑名单，不能签订合同。"
    detail_en = "The provider {provider_id} is on the black list; it gets no contract."

    provider_id: str


def check_social_credit_code(code: str) -> None:
    """Refuse a unified social-credit code that breaks its standard.

    GB 32100-2015: 18 characters of 31 (digits and capital letters without I, O, S, V, Z): registering department,
    category, six digits of area, nine of organisation, and a check character C18 = (31 - sum(Ci * 3^(i-1) mod 31,
    i = 1..17) mod 31) mod 31.

    Raises:
        SocialCreditCodeInvalid: It does.
    """
    if not _FORM.fullmatch(code):
        raise SocialCreditCodeInvalid(social_credit_code=code)
    total = sum(_ALPHABET.index(character) * weight for character, weight in zip(code, _WEIGHTS, strict=False))
    if _ALPHABET[-total % 31] != code[17]:
        raise SocialCreditCodeInvalid(social_credit_code=code)


def provider_id(social_credit_code: str) -> uuid.UUID:
    """Return the id of the business with this code: the same in each district, so that a debarment finds it."""
    return uuid.uuid5(uuid.NAMESPACE_URL, _ID_BASE + social_credit_code)


def check_step(state: State, effective_at: datetime, *, asked: State, asked_effective_at: datetime) -> None:
    """Refuse a decision that may not follow the present one.

    Args:
        state: Where the provider is.
        effective_at: Since when.
        asked: Where the decision would lead.
        asked_effective_at: When it would take effect.

    Raises:
        ListingStepRefused: The states do not follow each other.
        DecisionOutOfOrder: It would take effect before the present one did.
    """
    if asked not in NEXT[state]:
        raise ListingStepRefused(state=state, asked=asked)
    if asked_effective_at < effective_at:
        raise DecisionOutOfOrder(not_before=effective_at.isoformat())
