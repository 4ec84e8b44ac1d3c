"""Signing up for an activity."""

import asyncio
import uuid
from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from services.scenarios.activities.queries import find_activity
from services.scenarios.activities.rules import ActivityFull, ActivityOver, ActivityUnseen, AlreadySignedUp
from services.scenarios.activities.sign_up import TakeSeat, sign_up
from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.communities.rules import CommunityUnknown
from shared.assistance import ChannelNotAllowed, ConsentMissing, OnBehalf
from shared.database import Database
from shared.errors import OutOfScope
from tests.scenarios.conftest import PublishActivityFor, until_one_waits
from tests.scenarios.people import (
    ACTIVITY,
    COMMUNITY,
    DESK,
    NEXT_COMMUNITY,
    NEXT_DESK,
    NOW,
    at_desk,
    oneself,
    resident,
)

RUSH = 64
SEATS = 10
RESIDENT = uuid.uuid4()


def own(activity: Activity, who: uuid.UUID = RESIDENT, now: datetime = NOW) -> TakeSeat:
    return TakeSeat(activity.id, COMMUNITY, oneself(who), resident(who), now)


async def attempt(database: Database, command: TakeSeat) -> str:
    try:
        async with database.transaction() as session:
            await sign_up(session, command)
    except (ActivityFull, AlreadySignedUp) as refusal:
        return refusal.type
    return "seated"


async def seats(database: Database, activity: Activity) -> tuple[int, int]:
    async with database.transaction() as session:
        signed_up = await session.scalar(select(func.count()).select_from(SignUp))
        return (await find_activity(session, activity.id)).seats_taken, signed_up or 0


async def test_of_64_that_sign_up_at_once_no_more_are_seated_than_there_are_seats(
    database: Database, publish_for: PublishActivityFor
) -> None:
    activity = await publish_for(SEATS)
    outcomes = await asyncio.gather(*(attempt(database, own(activity, uuid.uuid4())) for _ in range(RUSH)))
    assert Counter(outcomes) == {"seated": SEATS, "activity-full": RUSH - SEATS}
    assert await seats(database, activity) == (SEATS, SEATS)


async def test_one_resident_that_signs_up_many_times_at_once_takes_one_seat(
    database: Database, publish_for: PublishActivityFor
) -> None:
    activity = await publish_for(SEATS)
    outcomes = await asyncio.gather(*(attempt(database, own(activity)) for _ in range(8)))
    assert Counter(outcomes) == {"seated": 1, "already-signed-up": 7}
    assert await seats(database, activity) == (1, 1)


async def test_who_waits_for_its_own_sign_up_to_commit_takes_no_second_seat(
    database: Database, publish_for: PublishActivityFor
) -> None:
    activity = await publish_for(SEATS)
    async with database.transaction() as session:
        await sign_up(session, own(activity))
        second = asyncio.create_task(attempt(database, own(activity)))
        await until_one_waits(database)
    assert await second == "already-signed-up"
    assert await seats(database, activity) == (1, 1)


async def test_the_desk_signs_up_a_resident_of_another_community(
    database: Database, publish_for: PublishActivityFor
) -> None:
    activity = await publish_for(SEATS)
    async with database.transaction() as session:
        seat = await sign_up(session, TakeSeat(activity.id, NEXT_COMMUNITY, at_desk(RESIDENT), DESK, NOW))
    assert (seat.resident_community_code, seat.channel, seat.given_by) == (NEXT_COMMUNITY, "desk", DESK.subject)
    assert seat.consent == {"form": "signed", "reference": "登记表 2027-118"}


async def test_refusals_to_sign_up_take_no_seat(database: Database, publish_for: PublishActivityFor) -> None:
    activity = await publish_for(SEATS)
    itself, stranger = oneself(RESIDENT), resident(uuid.uuid4())
    refused: list[tuple[TakeSeat, type[Exception]]] = [
        (TakeSeat(activity.id, COMMUNITY, itself, stranger, NOW), OutOfScope),
        (TakeSeat(activity.id, NEXT_COMMUNITY, itself, resident(RESIDENT), NOW), OutOfScope),
        (TakeSeat(activity.id, COMMUNITY, at_desk(RESIDENT), NEXT_DESK, NOW), OutOfScope),
        (TakeSeat(activity.id, COMMUNITY, at_desk(RESIDENT, "web"), DESK, NOW), ChannelNotAllowed),
        (TakeSeat(activity.id, COMMUNITY, OnBehalf(RESIDENT, "desk", None), DESK, NOW), ConsentMissing),
        (TakeSeat(activity.id, "330102001051", at_desk(RESIDENT), DESK, NOW), CommunityUnknown),
        (TakeSeat(uuid.uuid4(), COMMUNITY, itself, resident(RESIDENT), NOW), ActivityUnseen),
        (own(activity, now=ACTIVITY[1]), ActivityOver),
    ]
    async with database.transaction() as session:
        for command, refusal in refused:
            with pytest.raises(refusal):
                await sign_up(session, command)
    assert await seats(database, activity) == (0, 0)


async def test_the_database_itself_refuses_to_oversell(database: Database, publish_for: PublishActivityFor) -> None:
    await publish_for(SEATS)
    with pytest.raises(IntegrityError, match="ck_activity_never_oversold"):
        async with database.transaction() as session:
            await session.execute(update(Activity).values(seats_taken=SEATS + 1))
