"""Publish an activity."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.rules import CODE_ALPHABET, CODE_LENGTH, check_quotas, check_times
from services.scenarios.activities.tables import Activity
from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.communities.queries import require_registered
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class PublishActivity:
    """An activity of a community, with its seats."""

    community_code: str
    kind: str
    title: str
    capacity: int
    starts_at: datetime
    ends_at: datetime
    by: Identity
    now: datetime
    quotas: Mapping[str, int] = field(default_factory=dict)
    quotas_until: datetime | None = None
    waitlist_until: datetime | None = None
    offer_minutes: int = 120
    grace_minutes: int | None = None


async def publish_activity(session: AsyncSession, command: PublishActivity) -> Activity:
    """Publish an activity, open for signing up at once.

    Raises:
        OutOfScope: The caller is no staff of the community.
        TimesInadmissible: No activity can be held at these times.
        QuotasInadmissible: More seats are kept than there are.
        CommunityUnknown: The community does not take part.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    check_times(command.starts_at, command.ends_at, command.now)
    check_quotas(command.quotas, command.capacity, command.quotas_until, command.starts_at)
    await require_registered(session, command.community_code)
    activity = Activity(
        community_code=command.community_code,
        kind=command.kind,
        title=command.title,
        capacity=command.capacity,
        seats_taken=0,
        quotas=dict(command.quotas),
        taken={},
        quotas_until=command.quotas_until,
        waiting=0,
        waitlist_until=command.waitlist_until,
        offer_minutes=command.offer_minutes,
        grace_minutes=command.grace_minutes,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
        published_by=command.by.subject,
    )
    session.add(activity)
    await session.flush()
    return activity
