"""HTTP of anomalies."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.operations.anomalies.queries import find_anomalies
from services.operations.anomalies.record_purchase import NewPurchase, record_purchase
from services.operations.anomalies.rules import Kind
from services.operations.providers.queries import get as get_provider
from services.operations.providers.rules import ProviderUnseen
from services.operations.terms.rules import Fen, Text
from shared import problems
from shared.clock import Day
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["异常管控 anomalies"], route_class=IdempotentRoute)


class PurchaseBody(BaseModel):
    """A purchase that took no tender."""

    community_code: CommunityCode
    provider_id: uuid.UUID
    category: Text
    amount_fen: Annotated[Fen, Field(ge=1)]
    invoice_number: Text
    bought_on: date


class PurchaseView(BaseModel):
    """A purchase on record."""

    id: uuid.UUID


class FindingView(BaseModel):
    """Records that look wrong together, and why."""

    model_config = ConfigDict(from_attributes=True)

    kind: Kind
    records: list[str]
    why: str


@router.post(
    "/purchases",
    status_code=201,
    summary="登记零星采购 / Record a purchase",
    responses=problems.responses(ProviderUnseen, OutOfScope),
)
async def record_small_purchase(body: PurchaseBody, session: Transaction, who: Caller) -> PurchaseView:
    """Record a purchase; takes an official or operator of the area."""
    who.require(body.community_code, "official", "operator")
    await get_provider(session, body.provider_id)
    command = NewPurchase(**body.model_dump(), recorded_by=who.subject, recorded_at=datetime.now(UTC))
    return PurchaseView(id=await record_purchase(session, command))


@router.get("/anomalies", summary="异常线索 / Anomalies", responses=problems.responses(OutOfScope))
async def list_anomalies(
    session: Transaction,
    who: Caller,
    area: Annotated[AreaPrefix, Query(description="区划代码前缀 / area code prefix")],
    since: Annotated[Day, Query(description="起始日期 / since this day")],
) -> list[FindingView]:
    """List what looks wrong in an area since a day; for its officials and auditors."""
    who.require(area, "official", "auditor")
    return [FindingView.model_validate(finding) for finding in await find_anomalies(session, area, since)]
