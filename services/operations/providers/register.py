"""Register a provider and put it on the white list."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.listings.decide import told_kind
from services.operations.listings.rules import State, check_step
from services.operations.listings.tables import ProviderListing
from services.operations.providers.rules import Kind, ProviderAlreadyRegistered, provider_id
from services.operations.providers.tables import Provider
from shared.events.operations import ProviderListed
from shared.identifiers import check_social_credit_code
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Application:
    """A business that wants to serve, on what basis it may, and who decided that.

    `steps` are the states it goes through at once: it may stay a candidate for now.
    """

    community_code: str
    kind: Kind
    name: str
    social_credit_code: str
    basis: str
    authority: str
    by: str
    now: datetime
    steps: tuple[State, ...] = ("candidate", "listed")


async def register(session: AsyncSession, command: Application) -> uuid.UUID:
    """Register a provider, list it and tell the other services; returns its id.

    Raises:
        SocialCreditCodeInvalid: The code breaks GB 32100.
        CommunityNotRegistered: Its home community does not take part.
        ProviderAlreadyRegistered: The code is registered.
    """
    check_social_credit_code(command.social_credit_code)
    if await session.get(Community, command.community_code) is None:
        raise CommunityNotRegistered(code=command.community_code)
    number = await _add(session, command)
    for step, following in pairwise(command.steps):
        check_step(step, command.now, asked=following, asked_effective_at=command.now)
    session.add_all(_decision(number, revision, state, command) for revision, state in enumerate(command.steps, 1))
    await session.flush()
    if "listed" in command.steps:
        about = {"community_code": command.community_code, "provider_id": number}
        await publish(session, ProviderListed(**about, kind=told_kind(command.kind), name=command.name))
    return number


async def _add(session: AsyncSession, command: Application) -> uuid.UUID:
    number = provider_id(command.social_credit_code)
    added = await session.scalar(
        insert(Provider)
        .values(
            id=number,
            community_code=command.community_code,
            kind=command.kind,
            name=command.name,
            social_credit_code=command.social_credit_code,
            registered_at=command.now,
            registered_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(Provider.id)
    )
    if added is None:
        raise ProviderAlreadyRegistered(social_credit_code=command.social_credit_code, provider_id=str(number))
    return number


def _decision(number: uuid.UUID, revision: int, state: State, command: Application) -> ProviderListing:
    return ProviderListing(
        provider_id=number,
        revision=revision,
        community_code=command.community_code,
        state=state,
        basis=command.basis,
        authority=command.authority,
        effective_at=command.now,
        recorded_at=command.now,
        recorded_by=command.by,
    )
