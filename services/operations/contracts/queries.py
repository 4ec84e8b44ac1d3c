"""Reads of contracts."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.rules import ContractUnseen, State, state_on
from services.operations.contracts.tables import (
    Contract,
    ContractDecision,
    ContractParty,
    ContractSeal,
    ContractSignature,
    ContractVersion,
)
from services.operations.providers.admit_award import Award
from services.operations.terms.rules import TERMS, Terms


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed version."""

    contract: Contract
    version: int
    kind: str
    valid_from: date
    terms: Terms
    seal: str
    sealed_at: datetime


async def hold(session: AsyncSession, contract: Contract) -> None:
    """Have others who change a contract of this community wait until the transaction ends."""
    of = {"community_code": contract.community_code}
    await session.execute(text("SELECT FROM community WHERE community_code = :community_code FOR UPDATE"), of)


def award_of(community_code: str, terms: Terms, now: datetime) -> Award:
    """Return what the providers of a contract would be given."""
    return Award(
        provider_ids=terms.provider_ids,
        community_code=community_code,
        now=now,
        scene=terms.scene,
        licences=terms.licences,
    )


async def get(session: AsyncSession, contract_id: uuid.UUID) -> Contract:
    """Return a contract.

    Raises:
        ContractUnseen: There is none.
    """
    contract = await session.scalar(select(Contract).where(Contract.id == contract_id))
    if contract is None:
        raise ContractUnseen(contract_id=str(contract_id))
    return contract


async def find_all(session: AsyncSession) -> Sequence[tuple[str, uuid.UUID]]:
    """Return the contracts that there are, by community and id."""
    rows = select(Contract.community_code, Contract.id).order_by(Contract.community_code, Contract.id)
    return [(code, contract_id) for code, contract_id in await session.execute(rows)]


async def parties(session: AsyncSession, contract: Contract) -> Sequence[uuid.UUID]:
    """Return the providers that are parties to a contract."""
    rows = select(ContractParty.provider_id).where(
        ContractParty.community_code == contract.community_code, ContractParty.contract_id == contract.id
    )
    return (await session.scalars(rows)).all()


async def versions(session: AsyncSession, contract: Contract) -> Sequence[ContractVersion]:
    """Return a contract's versions, the original first, whether sealed or not."""
    rows = select(ContractVersion).where(
        ContractVersion.community_code == contract.community_code, ContractVersion.contract_id == contract.id
    )
    return (await session.scalars(rows.order_by(ContractVersion.version))).all()


async def sealed_versions(session: AsyncSession, contract: Contract) -> Sequence[Sealed]:
    """Return a contract's sealed versions, the original first."""
    rows = await session.execute(
        select(ContractVersion, ContractSeal)
        .join(
            ContractSeal,
            (ContractSeal.community_code == ContractVersion.community_code)
            & (ContractSeal.contract_id == ContractVersion.contract_id)
            & (ContractSeal.version == ContractVersion.version),
        )
        .where(ContractVersion.community_code == contract.community_code, ContractVersion.contract_id == contract.id)
        .order_by(ContractVersion.version)
    )
    return [
        Sealed(contract, v.version, v.kind, v.valid_from, TERMS.validate_python(v.terms), s.seal, s.sealed_at)
        for v, s in rows
    ]


def at(sealed: Sequence[Sealed], valid_on: date, known_at: datetime) -> Sealed | None:
    """Return the version that holds on a day, as known at a time: the last that was sealed by then and has begun.

    Before the first begins, the first holds: what was agreed on is not nothing.
    """
    known = [one for one in sealed if one.sealed_at <= known_at]
    begun = [one for one in known if one.valid_from <= valid_on]
    return begun[-1] if begun else known[0] if known else None


async def require_sealed(session: AsyncSession, contract: Contract, valid_on: date, known_at: datetime) -> Sealed:
    """Return the version that holds on a day, as known at a time.

    Raises:
        ContractUnseen: None was sealed by then.
    """
    found = at(await sealed_versions(session, contract), valid_on, known_at)
    if found is None:
        raise ContractUnseen(contract_id=str(contract.id))
    return found


async def signatures(session: AsyncSession, contract: Contract, version: int) -> dict[str, str]:
    """Return the signatures of a version, by party."""
    rows = await session.scalars(
        select(ContractSignature).where(
            ContractSignature.community_code == contract.community_code,
            ContractSignature.contract_id == contract.id,
            ContractSignature.version == version,
        )
    )
    return {row.party: row.signature for row in rows}


async def decisions(session: AsyncSession, contract: Contract) -> Sequence[ContractDecision]:
    """Return the decisions on a contract, the first first."""
    rows = select(ContractDecision).where(
        ContractDecision.community_code == contract.community_code, ContractDecision.contract_id == contract.id
    )
    return (await session.scalars(rows.order_by(ContractDecision.revision))).all()


async def state_at(session: AsyncSession, contract: Contract, today: date, now: datetime) -> State:
    """Return a contract's state on a day, as known now."""
    holds = at(await sealed_versions(session, contract), today, now)
    taken = [one.state for one in await decisions(session, contract) if one.decided_at <= now]
    return state_on(holds.terms if holds else None, taken[-1] if taken else None, today)
