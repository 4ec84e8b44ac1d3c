"""HTTP of the lists."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.operations.listings.appeal import Appeal, AppealAnswer, answer_appeal, appeal
from services.operations.listings.decide import NewDecision, decide
from services.operations.listings.rehabilitate import Rehabilitation, rehabilitate
from services.operations.listings.rules import (
    AppealUnseen,
    DecisionOutOfOrder,
    JudgeInOwnCause,
    ListingStepRefused,
    NotToBeAppealed,
    RunningContracts,
    Scene,
    Scope,
    State,
    TermInvalid,
    TooEarlyToRehabilitate,
)
from services.operations.providers.api import Authority, Basis, ProviderView, official_of, view
from services.operations.providers.rules import (
    ProviderUnseen,
)
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import AreaPrefix
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/providers", tags=["名单 listings"], route_class=IdempotentRoute)

Revision = Annotated[int, Path(ge=1, le=10**9, description="决定的序号 / the decision's number")]


class Where(BaseModel):
    """Where a decision holds; nothing said means everywhere and for all scenes."""

    area: AreaPrefix | None = Field(default=None, description="限定区域 / only in this area")
    scene: Scene | None = Field(default=None, description="限定场景 / only for this scene")

    def scope(self) -> Scope:
        """Return it for the rules."""
        return Scope(area=self.area or "", scene=self.scene or "")


class Order(Where):
    """A decision on a provider: what it rests on, who decided, where and when it holds."""

    basis: Basis
    authority: Authority
    effective_at: Moment | None = Field(default=None, description="生效时间，缺省为即时 / at once if left out")
    ends_at: Moment | None = Field(default=None, description="期满时间，缺省为无期限 / no end if left out")


class DebarmentOrder(Order):
    """A decision to put a provider on the black list."""

    running_contracts: RunningContracts = Field(
        default="continue", description="对在履行合同：继续、中止、解除 / what happens to contracts in force"
    )


class ListOrder(Order):
    """A decision to list or watch a provider."""

    state: Literal["listed", "watched"]


class RehabilitationOrder(Where):
    """A decision to take a provider off the black list because it has put things right."""

    basis: Basis
    authority: Authority


class AppealBody(BaseModel):
    """Why a decision is said to be wrong."""

    grounds: Basis


class AppealAnswerBody(BaseModel):
    """An answer to an appeal."""

    outcome: Literal["upheld", "dismissed"]
    reason: Basis
    authority: Authority


@router.post(
    "/{provider_id}/debarment",
    status_code=201,
    summary="列入黑名单 / Debar a provider",
    responses=problems.responses(ProviderUnseen, TermInvalid, ListingStepRefused, DecisionOutOfOrder, OutOfScope),
)
async def debar_provider(
    provider_id: uuid.UUID, body: DebarmentOrder, session: Transaction, who: Caller
) -> ProviderView:
    """Put a provider on the black list, everywhere or in a scope; takes an official of its home community."""
    return await _decide(session, provider_id, who, body)


@router.post(
    "/{provider_id}/listing",
    status_code=201,
    summary="列入白名单或观察 / List or watch a provider",
    responses=problems.responses(ProviderUnseen, TermInvalid, ListingStepRefused, DecisionOutOfOrder, OutOfScope),
)
async def list_provider(provider_id: uuid.UUID, body: ListOrder, session: Transaction, who: Caller) -> ProviderView:
    """Put a provider on the white list or under watch; takes an official of its home community.

    Out of a debarment leads an appeal or rehabilitation, and not this.
    """
    return await _decide(session, provider_id, who, body)


@router.post(
    "/{provider_id}/rehabilitation",
    status_code=201,
    summary="信用修复 / Rehabilitate a provider",
    responses=problems.responses(ProviderUnseen, ListingStepRefused, TooEarlyToRehabilitate, OutOfScope),
)
async def rehabilitate_provider(
    provider_id: uuid.UUID, body: RehabilitationOrder, session: Transaction, who: Caller
) -> ProviderView:
    """Take a provider off the black list, under watch; takes an official of its home community."""
    await official_of(session, provider_id, who)
    now = datetime.now(UTC)
    order = Rehabilitation(provider_id, body.scope(), body.basis, body.authority, by=who.subject, now=now)
    await rehabilitate(session, order)
    return await view(session, provider_id, now)


@router.post(
    "/{provider_id}/decisions/{revision}/appeal",
    status_code=201,
    summary="对决定申诉 / Appeal against a decision",
    responses=problems.responses(ProviderUnseen, NotToBeAppealed, OutOfScope),
)
async def appeal_decision(
    provider_id: uuid.UUID, revision: Revision, body: AppealBody, session: Transaction, who: Caller
) -> ProviderView:
    """Appeal; for the provider itself, or an official who takes its paper in."""
    if who.subject != f"merchant:{provider_id}":
        await official_of(session, provider_id, who)
    now = datetime.now(UTC)
    await appeal(session, Appeal(provider_id, revision, body.grounds, by=who.subject, now=now))
    return await view(session, provider_id, now)


@router.post(
    "/{provider_id}/decisions/{revision}/appeal/answer",
    status_code=201,
    summary="答复申诉 / Answer an appeal",
    responses=problems.responses(ProviderUnseen, AppealUnseen, JudgeInOwnCause, ListingStepRefused, OutOfScope),
)
async def answer_provider_appeal(
    provider_id: uuid.UUID, revision: Revision, body: AppealAnswerBody, session: Transaction, who: Caller
) -> ProviderView:
    """Uphold or dismiss an appeal; takes an official of the home community who did not make the decision."""
    await official_of(session, provider_id, who)
    now = datetime.now(UTC)
    await answer_appeal(session, AppealAnswer(provider_id, revision, **body.model_dump(), by=who.subject, now=now))
    return await view(session, provider_id, datetime.now(UTC))


async def _decide(
    session: Transaction, provider_id: uuid.UUID, who: Caller, order: DebarmentOrder | ListOrder
) -> ProviderView:
    await official_of(session, provider_id, who)
    state: State = "debarred" if isinstance(order, DebarmentOrder) else order.state
    running: RunningContracts = order.running_contracts if isinstance(order, DebarmentOrder) else "continue"
    now = datetime.now(UTC)
    effective_at = order.effective_at or now
    command = NewDecision(
        provider_id=provider_id,
        state=state,
        basis=order.basis,
        authority=order.authority,
        effective_at=effective_at,
        by=who.subject,
        now=now,
        scope=order.scope(),
        ends_at=order.ends_at,
        running_contracts=running,
    )
    await decide(session, command)
    return await view(session, provider_id, max(now, effective_at))
