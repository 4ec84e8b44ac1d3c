"""Admit a provider to an award: a contract, or a tender."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.listings.queries import decisions
from services.operations.listings.rules import is_debarred_from, standing
from services.operations.providers.rules import (
    LicenceKind,
    LicenceMissing,
    ProviderIsDebarred,
    ProviderNotListed,
    ProviderUnseen,
    check_licence,
)
from services.operations.providers.tables import Provider, ProviderLicence
from shared.clock import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What providers would be given: work in a community and scene, which takes licences of these kinds."""

    provider_ids: Sequence[uuid.UUID]
    community_code: str
    now: datetime
    scene: str = ""
    licences: Sequence[LicenceKind] = ()


async def admit_award(session: AsyncSession, award: Award) -> None:
    """Refuse an award unless each provider may be given it today; decisions on them wait until the transaction ends.

    Raises:
        ProviderUnseen: There is no such provider.
        ProviderNotListed: It is a candidate only.
        ProviderIsDebarred: It is on the black list for this community and scene, or a decision says that it will be.
        LicenceMissing: It lacks a licence that the work takes.
        LicenceExpired: One of its licences is not valid today, whether the work takes it or not.
    """
    for provider_id in sorted(award.provider_ids):
        await _admit(session, provider_id, award)


async def _admit(session: AsyncSession, provider_id: uuid.UUID, award: Award) -> None:
    about = str(provider_id)
    if await session.get(Provider, provider_id, with_for_update={"read": True}) is None:
        raise ProviderUnseen(provider_id=about)
    history = await decisions(session, provider_id)
    if is_debarred_from(history, award.now, award.community_code, award.scene):
        raise ProviderIsDebarred(provider_id=about)
    if standing(history, award.now) in {None, "candidate"}:
        raise ProviderNotListed(provider_id=about)
    rows = select(ProviderLicence).where(ProviderLicence.provider_id == provider_id).order_by(ProviderLicence.revision)
    held = {licence.kind: licence for licence in await session.scalars(rows)}
    for kind in award.licences:
        if kind not in held:
            raise LicenceMissing(provider_id=about, kind=kind)
    for licence in held.values():
        check_licence(about, licence.kind, licence.valid_until, local_day(award.now))
