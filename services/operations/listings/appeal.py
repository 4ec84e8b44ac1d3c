"""Appeal against a decision 申诉, and answer an appeal."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.listings.decide import NewDecision, decide
from services.operations.listings.queries import decisions, latest_in
from services.operations.listings.rules import (
    APPEAL_WITHIN,
    AppealUnseen,
    JudgeInOwnCause,
    ListingStepRefused,
    NotToBeAppealed,
    Scope,
)
from services.operations.listings.tables import ProviderAppeal, ProviderListing
from services.operations.providers.tables import Provider


@dataclass(frozen=True, slots=True)
class Appeal:
    """Who appeals against which decision, and why."""

    provider_id: uuid.UUID
    revision: int
    grounds: str
    by: str
    now: datetime


async def appeal(session: AsyncSession, command: Appeal) -> None:
    """Take in an appeal; the decision stands until it is answered.

    Raises:
        NotToBeAppealed: The decision neither watches nor debars, is not the last in its scope, is too old, or has been
            appealed against.
    """
    decision = await session.get(ProviderListing, (command.provider_id, command.revision))
    if decision is None or decision.state not in {"watched", "debarred"}:
        raise NotToBeAppealed
    scope = Scope(area=decision.area, scene=decision.scene)
    last = latest_in(await decisions(session, command.provider_id), scope, command.now)
    if last.revision != command.revision or command.now > decision.recorded_at + APPEAL_WITHIN:
        raise NotToBeAppealed
    filed = await session.scalar(
        insert(ProviderAppeal)
        .values(
            provider_id=command.provider_id,
            revision=command.revision,
            grounds=command.grounds,
            filed_at=command.now,
            filed_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(ProviderAppeal.revision)
    )
    if filed is None:
        raise NotToBeAppealed


@dataclass(frozen=True, slots=True)
class AppealAnswer:
    """Who answers an appeal, how and why."""

    provider_id: uuid.UUID
    revision: int
    outcome: Literal["upheld", "dismissed"]
    reason: str
    authority: str
    by: str
    now: datetime


async def answer_appeal(session: AsyncSession, command: AppealAnswer) -> None:
    """Answer an appeal; one that is upheld puts the provider back at once to where it was before the decision.

    Raises:
        AppealUnseen: None waits.
        JudgeInOwnCause: The answer is by who made the decision.
        ListingStepRefused: Another decision followed meanwhile.
    """
    waiting = await session.scalar(
        select(ProviderAppeal)
        .where(
            ProviderAppeal.provider_id == command.provider_id,
            ProviderAppeal.revision == command.revision,
            ProviderAppeal.outcome.is_(None),
        )
        .with_for_update()
    )
    if waiting is None:
        raise AppealUnseen(revision=command.revision)
    against = await session.get_one(ProviderListing, (command.provider_id, command.revision))
    if against.recorded_by == command.by:
        raise JudgeInOwnCause
    waiting.outcome, waiting.reason = command.outcome, command.reason
    waiting.decided_at, waiting.decided_by = command.now, command.by
    await session.flush()
    if command.outcome == "upheld":
        await decide(session, await _restoration(session, command, against))


async def _restoration(session: AsyncSession, command: AppealAnswer, against: ProviderListing) -> NewDecision:
    scope = Scope(area=against.area, scene=against.scene)
    await session.get(Provider, command.provider_id, with_for_update=True)  # no other decision follows meanwhile
    history = await decisions(session, command.provider_id)
    before = latest_in([one for one in history if one.revision < command.revision], scope, command.now)
    last = latest_in(history, scope, command.now)
    if last.revision != command.revision:
        raise ListingStepRefused(state=last.state, asked=before.state)
    return NewDecision(
        provider_id=command.provider_id,
        state=before.state,
        basis=command.reason,
        authority=command.authority,
        effective_at=max(command.now, against.effective_at),
        by=command.by,
        now=command.now,
        scope=scope,
        ground="appeal",
    )
