"""Admit a provider to an award: a contract, or a tender."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.listings.queries import decisions
from services.operations.listings.rules import is_debarred_from, standing
from services.operations.providers.queries import licences
from services.operations.providers.rules import (
    LicenceKind,
    LicenceMissing,
    ProviderIsDebarred,
    ProviderNotListed,
    ProviderUnseen,
    check_licence,
)
from services.operations.providers.tables import Provider
from shared.clock import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What a provider would be given: work in a community and scene, which takes licences of these kinds."""

    provider_id: uuid.UUID
    community_code: str
    now: datetime
    scene: str = ""
    licences: Sequence[LicenceKind] = ()


async def admit_award(session: AsyncSession, award: Award) -> Provider:
    """Return the provider if it may be given the award today; a decision on it waits until the transaction ends.

    Raises:
        ProviderUnseen: There is no such provider.
        ProviderNotListed: It is a candidate only.
        ProviderIsDebarred: It is on the black list for this community and scene, or a decision says that it will be.
        LicenceMissing: It lacks a licence that the work takes.
        LicenceExpired: One of its licences is not valid today, whether the work takes it or not.
    """
    provider = await session.get(Provider, award.provider_id, with_for_update={"read": True})
    if provider is None:
        raise ProviderUnseen(provider_id=str(award.provider_id))
    history = await decisions(session, award.provider_id)
    if is_debarred_from(history, award.now, award.community_code, award.scene):
        raise ProviderIsDebarred(provider_id=str(award.provider_id))
    if standing(history, award.now) in {None, "candidate"}:
        raise ProviderNotListed(provider_id=str(award.provider_id))
    held = {licence.kind: licence for licence in await licences(session, award.provider_id)}
    for kind in award.licences:
        if kind not in held:
            raise LicenceMissing(provider_id=str(award.provider_id), kind=kind)
    for licence in held.values():
        check_licence(str(award.provider_id), licence.kind, licence.valid_until, local_day(award.now))
    return provider
