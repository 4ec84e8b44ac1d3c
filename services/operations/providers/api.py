"""HTTP of providers."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.listings import queries as listings
from services.operations.listings.rules import (
    Ground,
    RunningContracts,
    Scene,
    State,
    TermInvalid,
    standing,
)
from services.operations.providers import queries
from services.operations.providers.record_licence import Licence, record_licence
from services.operations.providers.register import Application, register
from services.operations.providers.rules import (
    Kind,
    LicenceKind,
    ProviderAlreadyRegistered,
    ProviderUnseen,
)
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identifiers import SocialCreditCodeInvalid
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


class LicenceBody(BaseModel):
    """A licence."""

    model_config = ConfigDict(from_attributes=True)

    kind: LicenceKind
    number: Name
    issued_by: Name
    valid_from: date
    valid_until: date | None = Field(default=None, description="有效期至，长期有效则省略 / left out if for good")


class ProviderApplication(BaseModel):
    """A provider that is to be put on the white list, or first among the candidates."""

    community_code: CommunityCode = Field(description="所在社区 / its home community")
    kind: Kind
    name: Name
    social_credit_code: str = Field(
        max_length=18, description="统一社会信用代码 GB 32100", examples=["91350100M000100Y43"]
    )
    basis: Basis
    authority: Authority
    state: Literal["candidate", "listed"] = "listed"


class DecisionView(BaseModel):
    """A decision about a provider."""

    model_config = ConfigDict(from_attributes=True)

    revision: int
    state: State
    area: str
    scene: str
    ground: Ground
    running_contracts: RunningContracts
    basis: str
    authority: str
    effective_at: Moment
    ends_at: Moment | None
    recorded_at: Moment


class AppealView(BaseModel):
    """An appeal and its answer."""

    model_config = ConfigDict(from_attributes=True)

    revision: int
    grounds: str
    filed_at: Moment
    outcome: Literal["upheld", "dismissed"] | None
    reason: str | None
    decided_at: Moment | None


class ProviderView(BaseModel):
    """A provider, its state at the time and place asked for, and how it came to it."""

    id: uuid.UUID
    community_code: str
    kind: Kind
    name: str
    social_credit_code: str
    as_of: Moment
    state: State
    history: list[DecisionView]
    licences: list[LicenceBody]
    appeals: list[AppealView]


@router.post(
    "",
    status_code=201,
    summary="登记服务提供商 / Register a provider",
    responses=problems.responses(
        SocialCreditCodeInvalid, CommunityNotRegistered, ProviderAlreadyRegistered, OutOfScope
    ),
)
async def register_provider(body: ProviderApplication, session: Transaction, who: Caller) -> ProviderView:
    """Register a provider, on the white list or as a candidate; takes an official of its home community."""
    who.require(body.community_code, "official")
    now = datetime.now(UTC)
    steps: tuple[State, ...] = ("candidate", "listed") if body.state == "listed" else ("candidate",)
    facts = body.model_dump(exclude={"state"})
    provider_id = await register(session, Application(**facts, by=who.subject, now=now, steps=steps))
    return await view(session, provider_id, now)


@router.get(
    "/{provider_id}",
    summary="服务提供商及其名单状态 / A provider and its listing",
    responses=problems.responses(ProviderUnseen),
)
async def get_provider(
    provider_id: uuid.UUID,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - the lists are public to any known caller
    *,
    as_of: Annotated[Moment | None, Query(description="所查时点，缺省为现在 / now if left out")] = None,
    known_at: Annotated[Moment | None, Query(description="当时已知，缺省为现在 / what was recorded by then")] = None,
    community_code: CommunityCode | None = None,
    scene: Scene | None = None,
) -> ProviderView:
    """See a provider and where it stood on the lists at a time, for a community and a scene."""
    asked = (community_code or "", scene or "")
    return await view(session, provider_id, as_of or datetime.now(UTC), known_at, asked)


@router.post(
    "/{provider_id}/licences",
    status_code=201,
    summary="登记证照 / Record a licence",
    responses=problems.responses(ProviderUnseen, TermInvalid, OutOfScope),
)
async def record_provider_licence(
    provider_id: uuid.UUID, body: LicenceBody, session: Transaction, who: Caller
) -> ProviderView:
    """Record a licence, or its renewal; takes an official of the provider's home community."""
    await official_of(session, provider_id, who)
    now = datetime.now(UTC)
    await record_licence(session, Licence(provider_id=provider_id, by=who.subject, now=now, **body.model_dump()))
    return await view(session, provider_id, now)


async def official_of(session: Transaction, provider_id: uuid.UUID, who: Caller) -> None:
    """Refuse unless the caller is an official of the provider's home community."""
    provider = await queries.get(session, provider_id)
    who.require(provider.community_code, "official")


async def view(
    session: Transaction,
    provider_id: uuid.UUID,
    as_of: datetime,
    known_at: datetime | None = None,
    asked: tuple[str, str] = ("", ""),
) -> ProviderView:
    """Return a provider as it stood at a time, for a community and scene (`asked`)."""
    provider = await queries.get(session, provider_id)
    rows = await listings.history(session, provider_id, as_of, known_at)
    state = standing([listings.decision(row) for row in rows], as_of, *asked)
    return ProviderView(
        id=provider.id,
        community_code=provider.community_code,
        kind=cast("Kind", provider.kind),
        name=provider.name,
        social_credit_code=provider.social_credit_code,
        as_of=as_of,
        state=state or "candidate",
        history=[DecisionView.model_validate(row) for row in rows],
        licences=[LicenceBody.model_validate(row) for row in await queries.licences(session, provider_id)],
        appeals=[AppealView.model_validate(row) for row in await listings.appeals(session, provider_id)],
    )
