"""Seal a contract between a community and a provider."""

from dataclasses import asdict
from typing import cast

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.contracts.rules import ContractAlreadySealed, Terms, counted_merchant, seal_of
from services.operations.contracts.tables import Contract
from services.operations.kpis.queries import recompute
from services.operations.kpis.tables import KpiMeasurement
from services.operations.providers.admit_award import Award, admit_award
from services.operations.providers.rules import Kind


async def seal(session: AsyncSession, terms: Terms) -> Contract:
    """Seal a contract; its KPI starts at what has happened in its month so far.

    Raises:
        CommunityNotRegistered: The community does not take part.
        ProviderUnseen: There is no such provider.
        Conflict: The provider may not be given it (see `admit_award`).
        ContractAlreadySealed: The parties have a contract on this measure for this month.
    """
    # The community is locked against events being counted in it meanwhile, the provider against a debarment.
    if await session.get(Community, terms.community_code, with_for_update=True) is None:
        raise CommunityNotRegistered(code=terms.community_code)
    award = Award(provider_id=terms.provider_id, community_code=terms.community_code, now=terms.sealed_at)
    provider = await admit_award(session, award)
    contract = await _add(session, terms, cast("Kind", provider.kind))
    if measured := await recompute(session, contract):
        session.add(
            KpiMeasurement(
                community_code=contract.community_code,
                contract_id=contract.id,
                period=contract.period,
                measured=measured,
            )
        )
        await session.flush()
    return contract


async def _add(session: AsyncSession, terms: Terms, kind: Kind) -> Contract:
    merchant_id = counted_merchant(kind, terms.measure, terms.provider_id)
    contract: Contract | None = await session.scalar(
        insert(Contract)
        .values(**asdict(terms), merchant_id=merchant_id, seal=seal_of(terms))
        .on_conflict_do_nothing()
        .returning(Contract)
    )
    if contract:
        return contract
    standing = await session.scalar(
        select(Contract.id).where(
            Contract.community_code == terms.community_code,
            Contract.provider_id == terms.provider_id,
            Contract.period == terms.period,
            Contract.measure == terms.measure,
        )
    )
    raise ContractAlreadySealed(contract_id=str(standing))
