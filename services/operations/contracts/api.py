"""HTTP of contracts."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.contracts import queries
from services.operations.contracts.amend import Amendment
from services.operations.contracts.amend import amend as propose_next
from services.operations.contracts.change_state import StateChange, change_state
from services.operations.contracts.propose import Proposal, propose
from services.operations.contracts.rules import (
    AmendmentsTooLarge,
    ContractUnseen,
    NothingToSign,
    RenewalUnsupported,
    SignatureInvalid,
    State,
    StepRefused,
    VersionKind,
    signing_text,
)
from services.operations.contracts.sign import Signing, sign
from services.operations.contracts.tables import Contract
from services.operations.kpis.queries import average_ratio
from services.operations.providers.rules import (
    LicenceExpired,
    LicenceMissing,
    ProviderIsDebarred,
    ProviderNotListed,
    ProviderUnseen,
)
from services.operations.terms.rules import TERMS, Terms, TermsContradict, Text
from shared import problems
from shared.clock import Moment, local_day
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.formula import FormulaInvalid
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/contracts", tags=["合同 contracts"], route_class=IdempotentRoute)

AWARD = (ProviderUnseen, ProviderNotListed, ProviderIsDebarred, LicenceMissing, LicenceExpired)
Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{2,200}$")]


class ContractProposal(BaseModel):
    """A contract that the parties are to sign."""

    community_code: CommunityCode
    terms: Terms


class SignatureBody(BaseModel):
    """A party's signature."""

    version: Annotated[int, Field(ge=1, le=999)]
    party: Text = Field(description="community 或服务提供商编号 / or the provider's id")
    signature: Hex = Field(description="对 signing_text 的 SM2 签名，DER 十六进制 / SM2 over signing_text, DER in hex")


class NextVersion(BaseModel):
    """An amendment, or a renewal."""

    kind: Literal["amendment", "renewal"]
    terms: Terms
    valid_from: date
    reason: Text
    satisfaction: Annotated[int, Field(ge=0, le=500)] | None = Field(
        default=None, description="居民满意度（百分之一分，满分 500），续约必填 / in hundredths of 5, for a renewal"
    )


class StateBody(BaseModel):
    """A decision on a contract."""

    state: Literal["suspended", "resumed", "terminated"]
    reason: Text


class VersionView(BaseModel):
    """A version, what is to be signed, and who has."""

    version: int
    kind: VersionKind
    reason: str
    valid_from: date
    signing_text: str
    signatures: dict[str, str]


class ContractView(BaseModel):
    """A contract: its state, the version that holds on the day asked for, and all versions."""

    id: uuid.UUID
    community_code: str
    state: State
    version: int | None = Field(description="生效版本，尚未签齐为空 / the version that holds; none before it is sealed")
    terms: Terms | None
    seal: str | None = Field(description="原文与各方签名的 SM3 摘要 / SM3 of the text and the signatures")
    sealed_at: Moment | None
    versions: list[VersionView]


@router.post(
    "",
    status_code=201,
    summary="拟定合同 / Draw up a contract",
    responses=problems.responses(TermsContradict, FormulaInvalid, CommunityNotRegistered, *AWARD, OutOfScope),
)
async def propose_contract(body: ContractProposal, session: Transaction, who: Caller) -> ContractView:
    """Draw up a contract; takes an official whose area covers the community."""
    who.require(body.community_code, "official")
    command = Proposal(body.community_code, body.terms, by=who.subject, now=datetime.now(UTC))
    return await _view(session, await propose(session, command))


@router.get("/{contract_id}", summary="查看合同 / A contract", responses=problems.responses(ContractUnseen, OutOfScope))
async def get_contract(
    contract_id: uuid.UUID,
    session: Transaction,
    who: Caller,
    valid_on: Annotated[date | None, Query(description="所查日期，缺省今日 / today if left out")] = None,
    known_at: Annotated[Moment | None, Query(description="当时已签，缺省现在 / as sealed by then")] = None,
) -> ContractView:
    """See a contract as it holds on a day, as known at a time; for its area's staff and its parties."""
    contract = await readable(session, contract_id, who)
    return await _view(session, contract, valid_on, known_at)


@router.post(
    "/{contract_id}/signatures",
    status_code=201,
    summary="签署 / Sign a version",
    responses=problems.responses(ContractUnseen, NothingToSign, SignatureInvalid, *AWARD, OutOfScope),
)
async def sign_contract(contract_id: uuid.UUID, body: SignatureBody, session: Transaction, who: Caller) -> ContractView:
    """Hand in a party's signature: an official of the area, or the provider its own. The last one seals."""
    contract = await queries.get(session, contract_id)
    if who.subject != f"merchant:{body.party}":
        who.require(contract.community_code, "official")
    command = Signing(body.version, body.party, body.signature, by=who.subject, now=datetime.now(UTC))
    await sign(session, contract, command)
    return await _view(session, contract)


@router.post(
    "/{contract_id}/versions",
    status_code=201,
    summary="补充协议或续约 / Amend or renew",
    responses=problems.responses(
        ContractUnseen,
        TermsContradict,
        FormulaInvalid,
        StepRefused,
        AmendmentsTooLarge,
        RenewalUnsupported,
        OutOfScope,
    ),
)
async def amend_contract(contract_id: uuid.UUID, body: NextVersion, session: Transaction, who: Caller) -> ContractView:
    """Propose the next version; takes an official of the area. A renewal is weighed by KPIs and satisfaction."""
    contract = await queries.get(session, contract_id)
    who.require(contract.community_code, "official")
    kpi_bp = await average_ratio(session, contract)
    facts = {name: getattr(body, name) for name in NextVersion.model_fields}
    command = Amendment(**facts, kpi_bp=kpi_bp, by=who.subject, now=datetime.now(UTC))
    await propose_next(session, contract, command)
    return await _view(session, contract)


@router.post(
    "/{contract_id}/state",
    status_code=201,
    summary="中止、恢复或解除 / Suspend, resume or terminate",
    responses=problems.responses(ContractUnseen, StepRefused, OutOfScope),
)
async def decide_contract(contract_id: uuid.UUID, body: StateBody, session: Transaction, who: Caller) -> ContractView:
    """Decide on a contract; takes an official of the area."""
    contract = await queries.get(session, contract_id)
    who.require(contract.community_code, "official")
    await change_state(session, contract, StateChange(body.state, body.reason, by=who.subject, now=datetime.now(UTC)))
    return await _view(session, contract)


async def readable(session: Transaction, contract_id: uuid.UUID, who: Caller) -> Contract:
    """Return a contract to its area's staff and its parties; to nobody else."""
    contract = await queries.get(session, contract_id)
    if who.subject not in {f"merchant:{party}" for party in await queries.parties(session, contract)}:
        who.require(contract.community_code, "official", "operator", "desk")
    return contract


async def _view(
    session: Transaction, contract: Contract, valid_on: date | None = None, known_at: datetime | None = None
) -> ContractView:
    now = datetime.now(UTC)
    day, moment = valid_on or local_day(now), known_at or now
    holds = queries.at(await queries.sealed_versions(session, contract), day, moment)
    return ContractView(
        id=contract.id,
        community_code=contract.community_code,
        state=await queries.state_at(session, contract, day, moment),
        version=holds.version if holds else None,
        terms=holds.terms if holds else None,
        seal=holds.seal if holds else None,
        sealed_at=holds.sealed_at if holds else None,
        versions=[
            VersionView(
                version=row.version,
                kind=cast("VersionKind", row.kind),
                reason=row.reason,
                valid_from=row.valid_from,
                signing_text=signing_text(contract.id, row.version, row.valid_from, TERMS.validate_python(row.terms)),
                signatures=await queries.signatures(session, contract, row.version),
            )
            for row in await queries.versions(session, contract)
        ],
    )
