"""Sign a version 签署; the last signature seals it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.queries import award_of, hold, sealed_versions, signatures, state_at, versions
from services.operations.contracts.rules import NothingToSign, SignatureInvalid, seal_of, signing_text
from services.operations.contracts.tables import Contract, ContractSeal, ContractSignature, ContractVersion
from services.operations.providers.admit_award import admit_award
from services.operations.terms.rules import TERMS, SpaceForService, Terms
from shared.clock import local_day
from shared.events.operations import SpaceEntrusted
from shared.outbox import publish
from shared.sm2 import fits


@dataclass(frozen=True, slots=True)
class Signing:
    """A party's signature of a version: SM2 with SM3 and the default identity, ASN.1 DER, in hex."""

    version: int
    party: str
    signature: str
    by: str
    now: datetime


async def sign(session: AsyncSession, contract: Contract, command: Signing) -> str | None:
    """Take in a signature; returns the seal when it was the last.

    Raises:
        NothingToSign: It is not the newest version, is sealed, the party has signed it or is none, or the contract is
            terminated.
        SignatureInvalid: The signature does not fit the version and the party's key.
        Conflict: A provider may no longer be given the contract (see `admit_award`).
    """
    await hold(session, contract)
    version = (await versions(session, contract))[-1]
    sealed = {one.version for one in await sealed_versions(session, contract)}
    terms = TERMS.validate_python(version.terms)
    keys = {party.name: party.key for party in terms.parties}
    signed = await signatures(session, contract, version.version)
    waits = command.version == version.version and version.version not in sealed
    state = await state_at(session, contract, local_day(command.now), command.now)
    if not waits or state == "terminated" or command.party not in keys.keys() - signed:
        raise NothingToSign(party=command.party, version=command.version)
    text = signing_text(contract.id, version.version, version.valid_from, terms)
    if not fits(keys[command.party], text, command.signature):
        raise SignatureInvalid(party=command.party, version=command.version)
    await session.execute(
        insert(ContractSignature).values(
            community_code=contract.community_code,
            contract_id=contract.id,
            version=version.version,
            party=command.party,
            signature=command.signature,
            signed_at=command.now,
            signed_by=command.by,
        )
    )
    signed[command.party] = command.signature
    if signed.keys() != keys.keys():
        return None
    await admit_award(session, award_of(contract.community_code, terms, command.now))
    seal = seal_of(text, signed)
    await _seal(session, contract, version, terms, ContractSeal(seal=seal, sealed_at=command.now))
    return seal


async def _seal(
    session: AsyncSession, contract: Contract, version: ContractVersion, terms: Terms, row: ContractSeal
) -> None:
    row.community_code, row.contract_id, row.version = contract.community_code, contract.id, version.version
    session.add(row)
    await session.flush()
    for line in terms.lines:
        if isinstance(line, SpaceForService):
            event = SpaceEntrusted(
                community_code=contract.community_code,
                space_id=line.space_id,
                provider_id=terms.provider_ids[0],
                starts_on=version.valid_from,
                ends_on=terms.ends_on,
            )
            await publish(session, event)
