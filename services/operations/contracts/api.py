"""HTTP of contracts."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated, cast

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.contracts import queries
from services.operations.contracts.rules import ContractAlreadySealed, ContractUnseen, Terms
from services.operations.contracts.seal import seal as put_seal
from services.operations.contracts.tables import Contract
from services.operations.kpis.queries import measured
from services.operations.kpis.rules import KpiState, Measure, assess
from services.operations.providers.rules import (
    LicenceExpired,
    LicenceMissing,
    ProviderIsDebarred,
    ProviderNotListed,
    ProviderUnseen,
)
from shared import problems
from shared.areas import CommunityCode
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/contracts", tags=["合同 contracts"], route_class=IdempotentRoute)

TARGET_MAX = 1_000_000_000
Month = Annotated[
    str,
    StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$"),
    Field(description="年-月 / year and month", examples=["2026-11"]),
]


class KpiTerms(BaseModel):
    """What is measured, and what it is to reach."""

    measure: Measure
    target: Annotated[int, Field(ge=1, le=TARGET_MAX, description="目标值 / in points, or a number of times")]


class ContractProposal(BaseModel):
    """A contract that is to be sealed."""

    community_code: CommunityCode
    provider_id: uuid.UUID
    period: Month
    kpi: KpiTerms


class KpiView(BaseModel):
    """Where the KPI stands; without data there is no value and no ratio."""

    measure: Measure
    target: int
    measured: int | None
    ratio: float | None = Field(description="完成率，1 为达标 / 1 is the target")
    state: KpiState


class ContractView(BaseModel):
    """A sealed contract and where its KPI stands."""

    id: uuid.UUID
    community_code: str
    provider_id: uuid.UUID
    period: Month
    sealed_at: Moment
    sealed_by: str
    seal: str = Field(description="合同事实的 SM3 摘要 / SM3 of the facts")
    kpi: KpiView


@router.post(
    "",
    status_code=201,
    summary="签订合同 / Seal a contract",
    responses=problems.responses(
        CommunityNotRegistered,
        ProviderUnseen,
        ProviderNotListed,
        ProviderIsDebarred,
        LicenceMissing,
        LicenceExpired,
        ContractAlreadySealed,
        OutOfScope,
    ),
)
async def seal_contract(body: ContractProposal, session: Transaction, who: Caller) -> ContractView:
    """Seal a contract; takes an official whose area covers the community."""
    who.require(body.community_code, "official")
    terms = Terms(
        community_code=body.community_code,
        provider_id=body.provider_id,
        period=date.fromisoformat(f"{body.period}-01"),
        measure=body.kpi.measure,
        target=body.kpi.target,
        sealed_at=datetime.now(UTC),
        sealed_by=who.subject,
    )
    return await _view(session, await put_seal(session, terms))


@router.get(
    "/{contract_id}",
    summary="合同及指标完成情况 / A contract and its KPI",
    responses=problems.responses(ContractUnseen, OutOfScope),
)
async def get_contract(contract_id: uuid.UUID, session: Transaction, who: Caller) -> ContractView:
    """See a contract and where its KPI stands; for its area's staff and its provider."""
    contract = await queries.get(session, contract_id)
    if who.subject != f"merchant:{contract.provider_id}":
        who.require(contract.community_code, "official", "operator", "desk")
    return await _view(session, contract)


async def _view(session: Transaction, contract: Contract) -> ContractView:
    value = await measured(session, contract)
    standing = assess(value, contract.target)
    return ContractView(
        id=contract.id,
        community_code=contract.community_code,
        provider_id=contract.provider_id,
        period=f"{contract.period:%Y-%m}",
        sealed_at=contract.sealed_at,
        sealed_by=contract.sealed_by,
        seal=contract.seal,
        kpi=KpiView(
            measure=cast("Measure", contract.measure),
            target=contract.target,
            measured=value,
            ratio=standing.ratio,
            state=standing.state,
        ),
    )
