"""HTTP of deliveries."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.deliveries import queries
from services.operations.deliveries.record import Delivered, record
from services.operations.deliveries.rules import (
    DeliveryUnseen,
    EvidenceUsed,
    Part,
    Source,
    VolunteersAreNotPaid,
)
from shared import problems
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/service-deliveries/{code}", tags=["多元服务 service mix"], route_class=IdempotentRoute)

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]


class PartBody(BaseModel):
    """What one source gave."""

    model_config = ConfigDict(from_attributes=True)

    source: Source = Field(description="municipal 市政、market 市场、volunteer 志愿")
    party: Annotated[Text, Field(description="单位名称，不填个人姓名 / the organisation; no person's name")]
    quarter_hours: Annotated[int, Field(gt=0, le=1_000_000, description="服务时长，一刻钟为单位 / quarter hours")]
    cost_fen: Annotated[int, Field(ge=0, le=10**13, description="分 / fen")] = 0
    evidence: Annotated[Text, Field(description="派工单、合同交付或签到记录编号 / work order, delivery, attendance")]


class DeliveryBody(BaseModel):
    """A service that was delivered."""

    service: Text
    delivered_on: date
    served: Annotated[int, Field(gt=0, le=10_000_000, description="服务人次 / people served")]
    parts: Annotated[list[PartBody], Field(min_length=1, max_length=50)]


class DeliveryView(DeliveryBody):
    """A delivery with all its parts."""

    id: uuid.UUID
    community_code: str


class MixedView(BaseModel):
    """What one source gave in all."""

    model_config = ConfigDict(from_attributes=True)

    source: Source
    quarter_hours: int
    cost_fen: int
    time_share_bp: int = Field(description="时长占比，万分比 / share of the time in basis points")


class MixView(BaseModel):
    """The service mix of a community."""

    community_code: str
    first: date
    last: date
    deliveries: int
    served: int
    sources: list[MixedView]


@router.post(
    "",
    status_code=201,
    summary="登记服务记录 / Record a delivery",
    responses=problems.responses(CommunityNotRegistered, VolunteersAreNotPaid, EvidenceUsed, OutOfScope),
)
async def record_delivery(code: CommunityCode, body: DeliveryBody, session: Transaction, who: Caller) -> DeliveryView:
    """Record what municipality, market and volunteers did together; takes the community's staff."""
    who.require(code, "desk", "operator", "official")
    parts = [Part(**part.model_dump()) for part in body.parts]
    delivered = Delivered(
        code, body.service, body.delivered_on, body.served, parts, by=who.subject, now=datetime.now(UTC)
    )
    return DeliveryView(id=await record(session, delivered), community_code=code, **body.model_dump())


@router.get(
    "/mix",
    summary="多元服务构成 / The service mix",
    responses=problems.responses(OutOfScope),
)
async def get_mix(
    code: CommunityCode,
    first: Annotated[date, Query()],
    last: Annotated[date, Query()],
    session: Transaction,
    who: Caller,
) -> MixView:
    """See who gave what to the community's services; for its residents, staff and auditors."""
    who.require(code, "resident", "desk", "operator", "official", "auditor")
    deliveries, served, sources = await queries.mixed(session, code, first, last)
    views = [MixedView.model_validate(one) for one in sources]
    return MixView(community_code=code, first=first, last=last, deliveries=deliveries, served=served, sources=views)


@router.get(
    "/{delivery_id}",
    summary="服务记录 / A delivery",
    responses=problems.responses(DeliveryUnseen, OutOfScope),
)
async def get_delivery(code: CommunityCode, delivery_id: uuid.UUID, session: Transaction, who: Caller) -> DeliveryView:
    """See a delivery with all its parts; for the community's staff and auditors."""
    who.require(code, "desk", "operator", "official", "auditor")
    found, parts = await queries.delivery(session, code, delivery_id)
    return DeliveryView(
        id=found.id,
        community_code=code,
        service=found.service,
        delivered_on=found.delivered_on,
        served=found.served,
        parts=[PartBody.model_validate(part) for part in parts],
    )
