"""Who may be a provider, and what may be given to it."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.errors import Conflict, Unseen

Kind = Literal["operator", "merchant", "space_operator"]


LicenceKind = Literal["business", "food", "health", "education", "elderly_care", "security", "fire_safety"]


_ID_BASE = "https://linli.example/providers/"


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
class ProviderIsDebarred(Conflict):
    """The provider is on the black list."""

    type = "provider-debarred"
    title = "服务提供商已列入黑名单"
    title_en = "Provider debarred"
    detail = "服务提供商 {provider_id} 已列入黑名单，不能签订合同。"
    detail_en = "The provider {provider_id} is on the black list; it gets no contract."

    provider_id: str


@dataclass(kw_only=True, eq=False)
class ProviderNotListed(Conflict):
    """The provider is a candidate only."""

    type = "provider-not-listed"
    title = "服务提供商未列入白名单"
    title_en = "Provider not listed"
    detail = "服务提供商 {provider_id} 仍为候选，须先列入白名单。"
    detail_en = "The provider {provider_id} is a candidate; it has to be put on the white list first."

    provider_id: str


@dataclass(kw_only=True, eq=False)
class LicenceMissing(Conflict):
    """A licence that the work takes is not on record."""

    type = "licence-missing"
    title = "缺少证照"
    title_en = "Licence missing"
    detail = "服务提供商 {provider_id} 未登记所需证照 {kind}。请先登记证照。"
    detail_en = "The provider {provider_id} has no {kind} licence on record. Record it first."

    provider_id: str
    kind: str


@dataclass(kw_only=True, eq=False)
class LicenceExpired(Conflict):
    """A licence is not valid on the day."""

    type = "licence-expired"
    title = "证照已过期"
    title_en = "Licence expired"
    detail = "服务提供商 {provider_id} 的证照 {kind} 有效期至 {valid_until}，不能授予合同。请先登记续期证照。"
    detail_en = "The {kind} licence of {provider_id} ends on {valid_until}; no award. Record the renewed licence first."

    provider_id: str
    kind: str
    valid_until: str


def provider_id(social_credit_code: str) -> uuid.UUID:
    """Return the id of the business with this code: the same in each district, so that a debarment finds it."""
    return uuid.uuid5(uuid.NAMESPACE_URL, _ID_BASE + social_credit_code)


def check_licence(provider_id: str, kind: str, valid_until: date | None, day: date) -> None:
    """Refuse a licence that is not valid on a day; one without an end is valid for good.

    Raises:
        LicenceExpired: It ended before.
    """
    if valid_until is not None and valid_until < day:
        raise LicenceExpired(provider_id=provider_id, kind=kind, valid_until=valid_until.isoformat())
