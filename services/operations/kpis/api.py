"""HTTP of KPIs."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from services.operations.contracts.api import readable
from services.operations.contracts.queries import get, require_sealed
from services.operations.contracts.rules import ContractUnseen
from services.operations.kpis import queries
from services.operations.kpis.dispute import Dispute, DisputeAnswer, answer_dispute, dispute
from services.operations.kpis.rules import (
    RATIO_MAX_BP,
    DisputeUnseen,
    DisputeWindowClosed,
    KpiState,
    KpiUnseen,
    month_end,
    state_of,
)
from services.operations.terms.rules import Text
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/contracts/{contract_id}/kpis", tags=["考核指标 kpis"], route_class=IdempotentRoute)

Month = Annotated[
    str,
    StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$"),
    Field(description="年-月 / year and month", examples=["2026-11"]),
]


class KpiView(BaseModel):
    """Where a KPI stands now, and what it was measured at; without data there is no ratio."""

    code: str
    name: str
    formula: str
    target: int
    inputs: dict[str, int | None]
    ratio_bp: int | None = Field(description="完成率（万分比），一万为达标 / 10,000 is the target")
    state: KpiState
    measured_ratio_bp: int | None = Field(description="已计量的完成率 / as measured after the month's end")
    measured_at: Moment | None
    disputed: bool
    agreed_ratio_bp: int | None


class DisputeBody(BaseModel):
    """Why a result is said to be wrong."""

    code: Text
    grounds: Text


class DisputeAnswerBody(BaseModel):
    """The ratio that both sides go by."""

    code: Text
    agreed_ratio_bp: Annotated[int, Field(ge=0, le=RATIO_MAX_BP)]
    reason: Text


@router.get(
    "/{month}", summary="指标完成情况 / KPIs of a month", responses=problems.responses(ContractUnseen, OutOfScope)
)
async def get_kpis(contract_id: uuid.UUID, month: Month, session: Transaction, who: Caller) -> list[KpiView]:
    """See where a contract's KPIs stand in a month, by the events so far; for its area's staff and its parties."""
    contract = await readable(session, contract_id, who)
    period = _period(month)
    holds = await require_sealed(session, contract, month_end(period), datetime.now(UTC))
    counted = await queries.tallies(session, holds, period)
    measured = await queries.results(session, contract, period)
    disputed = await queries.disputes(session, contract, period)
    views = []
    for kpi in holds.terms.kpis:
        ratio, result, about = queries.ratio_of(kpi, counted), measured.get(kpi.code), disputed.get(kpi.code)
        views.append(
            KpiView(
                **kpi.model_dump(exclude={"abatements"}),
                inputs=counted,
                ratio_bp=ratio,
                state=state_of(ratio),
                measured_ratio_bp=result.ratio_bp if result else None,
                measured_at=result.measured_at if result else None,
                disputed=about is not None,
                agreed_ratio_bp=about.agreed_ratio_bp if about else None,
            )
        )
    return views


@router.post(
    "/{month}/disputes",
    status_code=201,
    summary="对计量结果提异议 / Dispute a result",
    responses=problems.responses(ContractUnseen, KpiUnseen, DisputeWindowClosed, OutOfScope),
)
async def dispute_result(
    contract_id: uuid.UUID, month: Month, body: DisputeBody, session: Transaction, who: Caller
) -> DisputeBody:
    """Dispute a result within 15 days; for the area's staff and the contract's parties."""
    contract = await readable(session, contract_id, who)
    now = datetime.now(UTC)
    await dispute(session, contract, Dispute(_period(month), body.code, body.grounds, by=who.subject, now=now))
    return body


@router.post(
    "/{month}/disputes/answers",
    status_code=201,
    summary="答复异议 / Answer a dispute",
    responses=problems.responses(ContractUnseen, DisputeUnseen, OutOfScope),
)
async def answer_result_dispute(
    contract_id: uuid.UUID, month: Month, body: DisputeAnswerBody, session: Transaction, who: Caller
) -> DisputeAnswerBody:
    """Set the ratio that both sides go by; takes an official of the area."""
    contract = await get(session, contract_id)
    who.require(contract.community_code, "official")
    answer = DisputeAnswer(
        _period(month), body.code, body.agreed_ratio_bp, body.reason, by=who.subject, now=datetime.now(UTC)
    )
    await answer_dispute(session, contract, answer)
    return body


def _period(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
