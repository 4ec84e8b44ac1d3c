"""Record a provider's licence 证照."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.listings.rules import TermInvalid
from services.operations.providers.rules import LicenceKind, ProviderUnseen
from services.operations.providers.tables import Provider, ProviderLicence


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence of a provider; without `valid_until` it is valid for good 长期有效."""

    provider_id: uuid.UUID
    kind: LicenceKind
    number: str
    issued_by: str
    valid_from: date
    valid_until: date | None
    by: str
    now: datetime


async def record_licence(session: AsyncSession, command: Licence) -> None:
    """Record a licence; of each kind the one that was recorded last counts.

    Raises:
        TermInvalid: It would end before it starts.
        ProviderUnseen: There is no such provider.
    """
    if command.valid_until and command.valid_until < command.valid_from:
        raise TermInvalid(starts=command.valid_from.isoformat())
    if await session.get(Provider, command.provider_id, with_for_update=True) is None:
        raise ProviderUnseen(provider_id=str(command.provider_id))
    latest = await session.scalar(
        select(func.max(ProviderLicence.revision)).where(
            ProviderLicence.provider_id == command.provider_id, ProviderLicence.kind == command.kind
        )
    )
    session.add(
        ProviderLicence(
            provider_id=command.provider_id,
            kind=command.kind,
            revision=(latest or 0) + 1,
            number=command.number,
            issued_by=command.issued_by,
            valid_from=command.valid_from,
            valid_until=command.valid_until,
            recorded_at=command.now,
            recorded_by=command.by,
        )
    )
    await session.flush()
