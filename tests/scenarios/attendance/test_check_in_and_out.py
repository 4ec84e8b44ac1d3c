"""Checking in to an activity and out of it."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.rules import ActivityUnseen
from services.scenarios.activities.sign_up import TakeSeat, sign_up
from services.scenarios.activities.tables import Activity
from services.scenarios.attendance.check_in import check_in
from services.scenarios.attendance.check_out import check_out
from services.scenarios.attendance.queries import Attend
from services.scenarios.attendance.rules import (
    AlreadyCheckedIn,
    AlreadyCheckedOut,
    NotCheckedIn,
    NotSignedUp,
    OutBeforeIn,
    OutsideActivity,
    TimeNotAllowed,
    WrongCode,
)
from services.scenarios.attendance.tables import CheckIn, CheckOut
from shared.assistance import ChannelNotAllowed, ConsentMissing, OnBehalf
from shared.database import Database
from shared.errors import OutOfScope, Refusal
from shared.events.scenarios import AttendanceCompleted
from tests.scenarios.conftest import PublishActivityFor
from tests.scenarios.people import COMMUNITY, DESK, NEXT_COMMUNITY, NEXT_DESK, NOW, at_desk, clock, oneself, resident
from tests.told import told

RESIDENT = uuid.uuid4()
WHO = resident(RESIDENT, NEXT_COMMUNITY)
Verb = Callable[[AsyncSession, Attend], Awaitable[object]]


@pytest.fixture
async def activity(database: Database, publish_for: PublishActivityFor) -> Activity:
    """An activity from 09:00 to 11:00 in which a resident of the next community has a seat."""
    activity = await publish_for(5)
    async with database.transaction() as session:
        await sign_up(session, TakeSeat(activity.id, NEXT_COMMUNITY, oneself(RESIDENT), WHO, NOW))
    return activity


def own(activity: Activity, now: datetime) -> Attend:
    return Attend(activity.id, oneself(RESIDENT), activity.code, None, WHO, now)


def from_paper(activity: Activity, at: datetime) -> Attend:
    return Attend(activity.id, at_desk(RESIDENT, "paper"), None, at, DESK, clock(2, 9))


async def done(database: Database, verb: Verb, command: Attend) -> None:
    async with database.transaction() as session:
        await verb(session, command)


async def test_who_came_and_left_is_told_once_with_the_minutes(database: Database, activity: Activity) -> None:
    await done(database, check_in, own(activity, clock(1, 9, 5)))
    await done(database, check_out, own(activity, clock(1, 10, 35)))
    (data,) = await told(database, AttendanceCompleted.type)
    event = AttendanceCompleted.model_validate(data)
    assert (event.community_code, event.activity_id, event.activity_kind) == (COMMUNITY, activity.id, "volunteering")
    assert (event.resident_id, event.resident_community_code) == (RESIDENT, NEXT_COMMUNITY)
    assert (event.checked_in_at, event.checked_out_at, event.minutes) == (clock(1, 9, 5), clock(1, 10, 35), 90)
    async with database.transaction() as session:
        assert event.attendance_id == await session.scalar(select(CheckIn.attendance_id))


async def test_the_desk_enters_a_paper_list_the_day_after(database: Database, activity: Activity) -> None:
    await done(database, check_in, from_paper(activity, clock(1, 9)))
    await done(database, check_out, from_paper(activity, clock(1, 11)))
    (data,) = await told(database, AttendanceCompleted.type)
    assert data["minutes"] == 120
    async with database.transaction() as session:
        kept = (await session.scalars(select(CheckOut))).one()
    assert (kept.channel, kept.given_by, kept.consent) == (
        "paper",
        DESK.subject,
        {"form": "signed", "reference": "登记表 2027-118"},
    )


async def test_nothing_is_told_if_the_transaction_is_rolled_back(database: Database, activity: Activity) -> None:
    await done(database, check_in, own(activity, clock(1, 9)))
    async with database.transaction() as session:
        await check_out(session, own(activity, clock(1, 10)))
        await session.rollback()
    assert await told(database, AttendanceCompleted.type) == []
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(CheckOut)) == 0


async def test_each_happens_once_however_many_try_at_once(database: Database, activity: Activity) -> None:
    async def attempt(verb: Verb, now: datetime) -> str:
        try:
            await done(database, verb, own(activity, now))
        except (AlreadyCheckedIn, AlreadyCheckedOut) as refusal:
            return refusal.type
        return "done"

    came = await asyncio.gather(*(attempt(check_in, clock(1, 9)) for _ in range(8)))
    left = await asyncio.gather(*(attempt(check_out, clock(1, 10)) for _ in range(8)))
    assert Counter(came) == {"done": 1, "already-checked-in": 7}
    assert Counter(left) == {"done": 1, "already-checked-out": 7}
    assert len(await told(database, AttendanceCompleted.type)) == 1


async def test_nobody_checks_out_who_has_not_checked_in(database: Database, activity: Activity) -> None:
    with pytest.raises(NotCheckedIn):
        await done(database, check_out, own(activity, clock(1, 10)))


async def test_nobody_leaves_before_coming_on_paper_either(database: Database, activity: Activity) -> None:
    await done(database, check_in, from_paper(activity, clock(1, 10)))
    with pytest.raises(OutBeforeIn):
        await done(database, check_out, from_paper(activity, clock(1, 9)))


@pytest.mark.parametrize("verb", [check_in, check_out])
async def test_refusals_to_check_in_and_out(database: Database, activity: Activity, verb: Verb) -> None:
    fine = own(activity, clock(1, 10))
    stranger = uuid.uuid4()
    refused: list[tuple[Attend, type[Refusal]]] = [
        (replace(fine, activity_id=uuid.uuid4()), ActivityUnseen),
        (replace(fine, by=resident(stranger)), OutOfScope),
        (replace(fine, on_behalf=at_desk(RESIDENT), by=NEXT_DESK), OutOfScope),
        (replace(fine, on_behalf=at_desk(RESIDENT, "app"), by=DESK), ChannelNotAllowed),
        (replace(fine, on_behalf=OnBehalf(RESIDENT, "desk", None), by=DESK), ConsentMissing),
        (replace(fine, code="WRONG234"), WrongCode),
        (replace(fine, on_behalf=oneself(stranger), by=resident(stranger)), NotSignedUp),
        (replace(fine, now=clock(1, 13)), OutsideActivity),
        (replace(fine, at=clock(1, 9)), TimeNotAllowed),
    ]
    for command, refusal in refused:
        with pytest.raises(refusal):
            await done(database, verb, command)


async def test_the_service_cannot_alter_the_evidence(database: Database, activity: Activity) -> None:
    await done(database, check_in, own(activity, clock(1, 9)))
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.transaction() as session:
            (await session.scalars(select(CheckIn))).one().checked_in_at = clock(1, 8)
