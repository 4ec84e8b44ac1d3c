"""Sign a resident up for an activity."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.queries import find_activity, find_sign_up
from services.scenarios.activities.rules import counted_as, why_no_seat
from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.communities.queries import require_registered
from services.scenarios.waitlist.promote import promote
from shared.assistance import DESK_ROLES, OnBehalf, admit
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class TakeSeat:
    """A seat in an activity, for a resident of a community.

    Attributes:
        party_size: How many come with it, itself included; they are seated together or not at all.
        category: Whose quota it may use, such as `elder` or `child` 一老一小.
    """

    activity_id: uuid.UUID
    resident_community_code: str
    on_behalf: OnBehalf
    by: Identity
    now: datetime
    party_size: int = 1
    category: str = "general"


async def sign_up(session: AsyncSession, command: TakeSeat) -> SignUp:
    """Take a seat. A refusal must roll the transaction or its savepoint back, as every edge does.

    Raises:
        ActivityUnseen: There is no such activity.
        OutOfScope: The caller is neither the resident, of that community, nor the desk of the activity's community.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        CommunityUnknown: The resident's community does not take part.
        AlreadySignedUp: The resident has a seat.
        ActivityFull: There are not enough seats for this category, or others wait for them.
        ActivityOver: The activity is over.
    """
    activity = await find_activity(session, command.activity_id)
    at_desk = command.by.holds(activity.community_code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=activity.community_code)
    if not at_desk:
        command.by.require(command.resident_community_code, "resident")
    await require_registered(session, command.resident_community_code)
    if activity.waiting:  # an offer may have lapsed, and with it the last who waited
        activity = await promote(session, activity.community_code, activity.id, command.now)
    taken = await _take_seat(session, activity, command)
    if taken is None:
        raise why_no_seat(
            signed_up=await find_sign_up(session, activity, command.on_behalf.resident_id) is not None,
            ends_at=activity.ends_at,
            capacity=activity.capacity,
            now=command.now,
        )
    return taken


# One statement: the seats are counted only if there are enough for the category and nobody waits for them, and the
# activity's row is locked until the commit. Whoever waited there for its own other sign-up meets the key: refused, and
# the refusal takes the count back.
_TAKE = text("""
    WITH seat AS (
        UPDATE activity SET
            seats_taken = seats_taken + :party_size,
            taken = taken || (
                SELECT jsonb_object_agg(quota, coalesce(CAST(taken ->> quota AS bigint), 0) + :party_size)
                FROM unnest(:counted) quota)
        WHERE community_code = :community_code AND id = :activity_id AND ends_at > :now
          AND (waiting = 0 OR coalesce(waitlist_until, starts_at) <= :now)
          AND capacity - seats_taken >= :party_size + CASE WHEN coalesce(quotas_until, starts_at) > :now THEN (
              SELECT coalesce(sum(greatest(CAST(value AS bigint) - coalesce(CAST(taken ->> key AS bigint), 0), 0)), 0)
              FROM jsonb_each_text(quotas) WHERE key <> ALL(:counted)
          ) ELSE 0 END
        RETURNING community_code, id
    )
    INSERT INTO sign_up (community_code, activity_id, resident_id, resident_community_code, signed_up_at, party_size,
                         category, state, channel, given_by, consent)
    SELECT community_code, id, :resident_id, :resident_community_code, :now, :party_size,
           :category, 'seated', :channel, :given_by, :consent
    FROM seat
    ON CONFLICT (community_code, activity_id, resident_id) DO UPDATE SET
        signed_up_at = excluded.signed_up_at, party_size = excluded.party_size, category = excluded.category,
        state = 'seated', channel = excluded.channel, given_by = excluded.given_by, consent = excluded.consent
    WHERE sign_up.state <> 'seated'
    RETURNING activity_id
""").bindparams(
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("party_size", type_=BigInteger()),
    bindparam("counted", type_=ARRAY(Text())),
    bindparam("category", type_=Text()),
    bindparam("consent", type_=JSONB(none_as_null=True)),
    *(bindparam(name, type_=Text()) for name in ("resident_community_code", "channel", "given_by")),
    bindparam("resident_id", type_=Uuid()),
)


async def _take_seat(session: AsyncSession, activity: Activity, command: TakeSeat) -> SignUp | None:
    taken = await session.execute(
        _TAKE,
        {
            "community_code": activity.community_code,
            "activity_id": activity.id,
            "resident_id": command.on_behalf.resident_id,
            "resident_community_code": command.resident_community_code,
            "now": command.now,
            "party_size": command.party_size,
            "category": command.category,
            "counted": counted_as(command.category, command.on_behalf.channel),
            **command.on_behalf.recorded(command.by.subject),
        },
    )
    return await find_sign_up(session, activity, command.on_behalf.resident_id) if taken.first() else None
