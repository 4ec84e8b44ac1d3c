"""One command turns a community over to an emergency, all of it known before and undone after."""

import asyncio
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from services.scenarios.arrivals.release_missed import release_missed
from services.scenarios.availability.rules import SlotTaken
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.bookings.reschedule import Reschedule, reschedule
from services.scenarios.bookings.tables import Booking
from services.scenarios.claims.tables import Claim
from services.scenarios.emergencies.complete_task import complete_task
from services.scenarios.emergencies.declare import Declare, declare
from services.scenarios.emergencies.draft_plan import DraftPlan, approve_plan, draft_plan
from services.scenarios.emergencies.queries import Situation, picture
from services.scenarios.emergencies.rehearse import rehearse
from services.scenarios.emergencies.rules import (
    EmergencyElsewhere,
    EmergencyUnseen,
    PlanInadmissible,
    PlanNotApproved,
    PlanUnseen,
    TwoPersonsNeeded,
)
from services.scenarios.emergencies.stand_down import StandDown, stand_down
from services.scenarios.emergencies.tables import EmergencyPlan
from services.scenarios.spaces.tables import Space
from services.scenarios.work.queries import FIRST, list_work
from shared.database import Database
from shared.errors import OutOfScope
from tests.ground import identity
from tests.scenarios.conftest import PublishSpaceNamed, until_one_waits
from tests.scenarios.people import COMMUNITY, DESK, NEXT_DESK, NOW, OPERATOR, clock, oneself, resident
from tests.told import told

OFFICIAL = identity("staff:official", ("official", COMMUNITY[:6]))
UNTIL = clock(3, 0)
ALONE = [uuid.uuid4(), uuid.uuid4()]
STRUCK = clock(1, 12)


async def booked(database: Database, space: Space, start: datetime) -> Booking:
    one = uuid.uuid4()
    period = start, start + timedelta(hours=1)
    async with database.transaction() as session:
        return await book(session, Book(space.id, period, oneself(one), resident(one), NOW))


async def planned(database: Database, spaces: list[Space], *, approved: bool = True) -> EmergencyPlan:
    """Take over the first space, keep the second, move to the third."""
    taken, kept, refuge = ([space.id] for space in spaces)
    async with database.transaction() as session:
        plan = await draft_plan(
            session,
            DraftPlan(COMMUNITY, "防台风", taken, kept, refuge, ALONE, {"饮用水（箱）": 40},
                      "今晚八时起请勿外出", "三十天内优先预约一次", OPERATOR),
        )  # fmt: skip
        if approved:
            await approve_plan(session, plan.id, OFFICIAL, NOW)
    return plan


@pytest.fixture
async def spaces(publish_named: PublishSpaceNamed) -> list[Space]:
    return [await publish_named(name) for name in ("体育馆", "社区食堂", "多功能厅")]


def order(plan: EmergencyPlan, now: datetime = STRUCK) -> Declare:
    return Declare(plan.id, "台风", UNTIL, OFFICIAL, now)


async def strike(database: Database, plan: EmergencyPlan, now: datetime = STRUCK) -> Situation:
    async with database.transaction() as session:
        return await declare(session, order(plan, now))


async def standing(database: Database) -> str:
    async with database.transaction() as session:
        return await picture(session, COMMUNITY)


@pytest.mark.proves("S17")
async def test_a_plan_is_rehearsed_put_into_force_by_one_command_and_undone(
    database: Database, spaces: list[Space]
) -> None:
    gym, canteen, hall = spaces
    plan = await planned(database, spaces)
    moved, given_up = await booked(database, gym, clock(2, 9)), await booked(database, gym, clock(2, 14))
    await booked(database, hall, clock(2, 14))  # the refuge is taken then
    kept, later = await booked(database, canteen, clock(2, 9)), await booked(database, gym, clock(3, 9))
    before = await standing(database)

    async with database.transaction() as session:
        drill = await rehearse(session, order(plan))
    assert drill.restored
    assert await standing(database) == before
    assert await told(database, "scenarios.emergency-declared.v1") == []
    diff = {one.booking_id: (one.change, one.to_space_id) for one in drill.situation.changes}
    assert diff == {moved.id: ("moved", hall.id), given_up.id: ("cancelled", None)}

    real = await strike(database, plan)
    assert {one.booking_id: (one.change, one.to_space_id) for one in real.changes} == diff
    await check_told(database, real, given_up)
    with pytest.raises(SlotTaken):
        await booked(database, gym, clock(2, 16))
    assert (await booked(database, canteen, clock(2, 16))).state == "confirmed"  # essential, as in peace
    async with database.transaction() as session:
        work = await list_work(session, COMMUNITY, STRUCK, FIRST, 50)
        assert [one.kind for one in work] == ["emergency-task"] * 3
        await complete_task(session, real.tasks[0].id, DESK, STRUCK)
        assert len(await list_work(session, COMMUNITY, STRUCK, FIRST, 50)) == 2
        assert await release_missed(session, clock(2, 20)) == 0

    async with database.transaction() as session:
        undone = await stand_down(session, StandDown(real.emergency.id, OFFICIAL, clock(1, 20)))
    assert all(one.undone_at for one in undone.changes)
    async with database.transaction() as session:
        for booking in (moved, given_up, kept, later):
            now = await session.get_one(Booking, (COMMUNITY, booking.id))
            assert (now.state, now.space_id, now.starts_at) == ("confirmed", booking.space_id, booking.starts_at)
    assert (await booked(database, gym, clock(2, 16))).state == "confirmed"


async def check_told(database: Database, real: Situation, given_up: Booking) -> None:
    """Check that everybody is told, why and for what amends, and what is to be done."""
    assert {(one.reason, one.compensation) for one in real.changes} == {("台风", "三十天内优先预约一次")}
    assert [(one.kind, one.quantity) for one in real.tasks] == [("care-visit", 1), ("care-visit", 1), ("supplies", 40)]
    (broadcast,) = await told(database, "scenarios.emergency-declared.v1")
    assert broadcast["broadcast"] == "今晚八时起请勿外出"
    (cancelled,) = await told(database, "scenarios.booking-cancelled.v1")
    assert cancelled["booking_id"] == str(given_up.id)


async def test_what_stands_is_the_same_after_as_before(database: Database, spaces: list[Space]) -> None:
    plan = await planned(database, spaces)
    for hour in (9, 11, 13, 15):
        await booked(database, spaces[0], clock(2, hour))
    before = await standing(database)
    situation = await strike(database, plan)
    assert await standing(database) != before
    async with database.transaction() as session:
        await stand_down(session, StandDown(situation.emergency.id, OPERATOR, clock(1, 20)))
    assert await standing(database) == before


async def test_what_has_begun_when_it_ends_stays_as_it_was_changed(database: Database, spaces: list[Space]) -> None:
    plan = await planned(database, spaces)
    booking = await booked(database, spaces[0], clock(2, 9))
    situation = await strike(database, plan)
    async with database.transaction() as session:
        ended = await stand_down(session, StandDown(situation.emergency.id, OFFICIAL, clock(2, 9, 30)))
    assert [one.undone_at for one in ended.changes] == [None]
    async with database.transaction() as session:
        assert (await session.get_one(Booking, (COMMUNITY, booking.id))).space_id == spaces[2].id


async def test_what_another_has_by_now_is_not_given_twice(database: Database, spaces: list[Space]) -> None:
    gym, _, hall = spaces
    plan = await planned(database, spaces)
    moved = await booked(database, gym, clock(2, 9))
    async with database.transaction() as session:
        real = await declare(session, replace(order(plan), until=clock(2, 10)))
    own = resident(moved.resident_id)
    other = await booked(database, gym, clock(2, 15))  # the gym is taken over until ten
    async with database.transaction() as session:
        await reschedule(session, Reschedule(moved.id, (other.starts_at, other.ends_at), "app", None, own, STRUCK))
    async with database.transaction() as session:
        await stand_down(session, StandDown(real.emergency.id, OFFICIAL, clock(1, 20)))
    async with database.transaction() as session:
        here = await session.get_one(Booking, (COMMUNITY, moved.id))
        claims = await session.scalars(select(Claim).where(Claim.booking_id == moved.id, Claim.state == "taken"))
        assert (here.space_id, here.state) == (hall.id, "confirmed")
        assert [claim.unit_id for claim in claims] == hall.unit_ids


async def test_what_is_given_up_meanwhile_or_has_lapsed_is_none_of_its_changes(
    database: Database, spaces: list[Space]
) -> None:
    plan = await planned(database, spaces)
    given_up, one = await booked(database, spaces[0], clock(2, 9)), uuid.uuid4()
    lapsed = Book(spaces[0].id, (clock(2, 14), clock(2, 15)), oneself(one), resident(one), NOW, hold=True)
    async with database.transaction() as session:
        await book(session, lapsed)
    async with database.transaction() as session:
        await cancel(session, Cancel(given_up.id, "app", None, resident(given_up.resident_id), NOW))
        striking = asyncio.create_task(strike(database, plan))
        await until_one_waits(database)
    assert (await striking).changes == []


async def test_a_plan_needs_two_persons(database: Database, spaces: list[Space]) -> None:
    plan = await planned(database, spaces, approved=False)
    with pytest.raises(PlanNotApproved):
        await strike(database, plan)
    async with database.transaction() as session:
        with pytest.raises(TwoPersonsNeeded):
            await approve_plan(session, plan.id, OPERATOR, NOW)
        with pytest.raises(OutOfScope):
            await approve_plan(session, plan.id, DESK, NOW)
        with pytest.raises(PlanUnseen):
            await approve_plan(session, plan.id, NEXT_DESK, NOW)
        await approve_plan(session, plan.id, OFFICIAL, NOW)
        with pytest.raises(TwoPersonsNeeded):
            await approve_plan(session, plan.id, OFFICIAL, NOW)
    with pytest.raises(PlanInadmissible):
        await planned(database, [spaces[0], spaces[0], spaces[2]])


async def test_many_who_declare_put_it_into_force_once_and_end_it_once(database: Database, spaces: list[Space]) -> None:
    plan = await planned(database, spaces)
    await booked(database, spaces[0], clock(2, 9))
    tried = await asyncio.gather(*(strike(database, plan) for _ in range(32)), return_exceptions=True)
    (real,) = [one for one in tried if isinstance(one, Situation)]
    assert len([one for one in tried if isinstance(one, EmergencyElsewhere)]) == 31

    async def end() -> Situation:
        async with database.transaction() as session:
            return await stand_down(session, StandDown(real.emergency.id, OFFICIAL, clock(1, 20)))

    ended = await asyncio.gather(*(end() for _ in range(32)), return_exceptions=True)
    assert len([one for one in ended if isinstance(one, Situation)]) == 1
    assert len([one for one in ended if isinstance(one, EmergencyElsewhere)]) == 31


async def test_tasks_and_emergencies_are_the_communitys_own(database: Database, spaces: list[Space]) -> None:
    situation = await strike(database, await planned(database, spaces))
    async with database.transaction() as session:
        with pytest.raises(EmergencyUnseen):
            await complete_task(session, situation.tasks[0].id, NEXT_DESK, NOW)
        with pytest.raises(EmergencyUnseen):
            await stand_down(session, StandDown(situation.emergency.id, NEXT_DESK, NOW))
        with pytest.raises(OutOfScope):
            await stand_down(session, StandDown(situation.emergency.id, DESK, NOW))
        await complete_task(session, situation.tasks[0].id, DESK, NOW)
        with pytest.raises(EmergencyElsewhere):
            await complete_task(session, situation.tasks[0].id, DESK, NOW)
