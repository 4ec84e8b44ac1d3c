"""HTTP of providers."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.providers import queries
from services.operations.providers.debar import Debarment, debar
from services.operations.providers.register import Application, register
from services.operations.providers.rules import (
    DecisionOutOfOrder,
    Kind,
    ListingStepRefused,
    ProviderAlreadyRegistered,
    ProviderUnseen,
    SocialCreditCodeInvalid,
    State,
)
from shared import problems
from shared.areas import CommunityCode
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/providers", tags=["服务提供商 providers"], route_class=IdempotentRoute)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=PRINTABLE)]
Basis = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=PRINTABLE),
    Field(description="认定依据 / what the decision rests on"),
]
Authority = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=PRINTABLE),
    Field(description="认定机关 / who decided"),
]

# The years bound what a database, a calendar and a person can make sense of.


class ProviderApplication(BaseModel):
    """A provider that is to be put on the white list."""

    community_code: CommunityCode = Field(description="所在社区 / its home community")
    kind: Kind
    name: Name
    social_credit_code: str = Field(
        max_length=18, description="统一社会信用代码 GB 32100", examples=["91350100M000100Y43"]
    )
    basis: Basis
    authority: Authority


class DebarmentOrder(BaseModel):
    """A decision to put a provider on the black list."""

    basis: Basis
    authority: Authority
    effective_at: Moment | None = Field(default=None, description="生效时间，缺省为即时 / at once if left out")


class ListingView(BaseModel):
    """A decision about a provider."""

    model_config = ConfigDict(from_attributes=True)

    state: State
    basis: str
    authority: str
    effective_at: Moment
    recorded_at: Moment


class ProviderView(BaseModel):
    """A provider, its state at the time asked for, and how it came to it."""

    id: uuid.UUID
    community_code: str
    kind: Kind
    name: str
    social_credit_code: str
    as_of: Moment
    state: State
    history: list[ListingView]


@router.post(
    "",
    status_code=201,
    summary="登记服务提供商 / Register a provider",
    responses=problems.responses(
        SocialCreditCodeInvalid, CommunityNotRegistered, ProviderAlreadyRegistered, OutOfScope
    ),
)
async def register_provider(body: ProviderApplication, session: Transaction, who: Caller) -> ProviderView:
    """Register a provider on the white list; takes an official of its home community."""
    who.require(body.community_code, "official")
    now = datetime.now(UTC)
    provider_id = await register(session, Application(**body.model_dump(), by=who.subject, now=now))
    return await _view(session, provider_id, now)


@router.get(
    "/{provider_id}",
    summary="服务提供商及其名单状态 / A provider and its listing",
    responses=problems.responses(ProviderUnseen),
)
async def get_provider(
    provider_id: uuid.UUID,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - the lists are public to any known caller
    as_of: Annotated[Moment | None, Query(description="所查时点，缺省为现在 / now if left out")] = None,
) -> ProviderView:
    """See a provider and where it stood on the lists at a time."""
    return await _view(session, provider_id, as_of or datetime.now(UTC))


@router.post(
    "/{provider_id}/debarment",
    status_code=201,
    summary="列入黑名单 / Debar a provider",
    responses=problems.responses(ProviderUnseen, ListingStepRefused, DecisionOutOfOrder, OutOfScope),
)
async def debar_provider(
    provider_id: uuid.UUID, body: DebarmentOrder, session: Transaction, who: Caller
) -> ProviderView:
    """Put a provider on the black list; takes an official of its home community."""
    provider = await queries.get(session, provider_id)
    who.require(provider.community_code, "official")
    now = datetime.now(UTC)
    effective_at = body.effective_at or now
    await debar(session, Debarment(provider_id, body.basis, body.authority, effective_at, by=who.subject, now=now))
    return await _view(session, provider_id, max(now, effective_at))


async def _view(session: Transaction, provider_id: uuid.UUID, as_of: datetime) -> ProviderView:
    provider = await queries.get(session, provider_id)
    history = [ListingView.model_validate(row) for row in await queries.history(session, provider_id, as_of)]
    return ProviderView(
        id=provider.id,
        community_code=provider.community_code,
        kind=provider.kind,
        name=provider.name,
        social_credit_code=provider.social_credit_code,
        as_of=as_of,
        state=history[-1].state,
        history=history,
    )
