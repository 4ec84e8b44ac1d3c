"""Rehabilitate a debarred provider 信用修复."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.listings.decide import NewDecision, decide
from services.operations.listings.queries import decisions, latest_in
from services.operations.listings.rules import Scope, check_rehabilitation
from services.operations.providers.tables import Provider


@dataclass(frozen=True, slots=True)
class Rehabilitation:
    """Who takes which provider off the black list before its term, because it has put things right."""

    provider_id: uuid.UUID
    scope: Scope
    basis: str
    authority: str
    by: str
    now: datetime


async def rehabilitate(session: AsyncSession, command: Rehabilitation) -> None:
    """Put a debarred provider under watch: it may serve again, and is looked at more closely.

    Raises:
        ListingStepRefused: It is not debarred in this scope.
        TooEarlyToRehabilitate: It has not been for long enough.
    """
    await session.get(Provider, command.provider_id, with_for_update=True)  # no other decision follows meanwhile
    last = latest_in(await decisions(session, command.provider_id), command.scope, command.now)
    check_rehabilitation(last.state, last.effective_at, command.now)
    await decide(
        session,
        NewDecision(
            provider_id=command.provider_id,
            state="watched",
            basis=command.basis,
            authority=command.authority,
            effective_at=command.now,
            by=command.by,
            now=command.now,
            scope=command.scope,
            ground="rehabilitation",
        ),
    )
