"""Door codes, warnings of overlap, and a household's share of the week."""

import asyncio
import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.scenarios.access.enter import Enter, enter
from services.scenarios.access.grant_access import GrantAccess, grant_access
from services.scenarios.access.rules import EARLY, DoorClosed, NotConfirmed
from services.scenarios.availability.rules import SlotTaken
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.bookings.reschedule import Reschedule, reschedule
from services.scenarios.bookings.rules import BookingUnseen, QuotaExceeded
from services.scenarios.bookings.tables import Booking
from services.scenarios.households.enter_member import EnterMember, enter_member
from services.scenarios.households.set_quota import SetQuota, set_quota
from services.scenarios.spaces.tables import Space
from shared.clock import Period
from shared.database import Database
from shared.errors import OutOfScope
from tests.ground import ServiceClient, identity
from tests.scenarios.conftest import PublishSpaceNamed
from tests.scenarios.people import COMMUNITY, NEXT_DESK, NOW, OPERATOR, clock, oneself, resident, tomorrow

RESIDENT = uuid.uuid4()
LOCK = identity("application:lock", ("device", COMMUNITY))
NINE: Period = (clock(1, 9), clock(1, 10))


async def take(database: Database, space: Space, period: Period = NINE, who: uuid.UUID = RESIDENT) -> Booking:
    async with database.transaction() as session:
        return await book(session, Book(space.id, period, oneself(who), resident(who), NOW))


async def code_of(database: Database, booking: Booking) -> str:
    command = GrantAccess(booking.id, resident(booking.resident_id), NOW)
    async with database.transaction() as session:
        return (await grant_access(session, command))[1].code


async def opens(database: Database, space: Space, code: str, now: datetime) -> bool:
    try:
        async with database.transaction() as session:
            await enter(session, Enter(space.id, code, LOCK, now))
    except DoorClosed:
        return False
    return True


async def test_a_code_opens_its_space_for_its_time_and_goes_with_the_booking(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space, other = await publish_named("会议室"), await publish_named("书房")
    booking = await take(database, space)
    code = await code_of(database, booking)
    assert await code_of(database, booking) == code
    early = NINE[0] - EARLY
    assert [await opens(database, space, code, now) for now in (early - timedelta(seconds=1), early)] == [False, True]
    assert not await opens(database, space, code, NINE[1])
    assert not await opens(database, other, code, NINE[0])
    assert not await opens(database, space, f"{(int(code) + 1) % 10**6:06}", NINE[0])
    eleven = (clock(1, 11), clock(1, 12))
    who = resident(RESIDENT)
    async with database.transaction() as session:
        await reschedule(session, Reschedule(booking.id, eleven, "app", None, who, NOW))
    assert [await opens(database, space, code, now) for now in (NINE[0], eleven[0])] == [False, True]
    async with database.transaction() as session:
        await cancel(session, Cancel(booking.id, "app", None, who, NOW))
    assert not await opens(database, space, code, eleven[0])


async def test_refusals_of_codes_and_doors(database: Database, publish_named: PublishSpaceNamed) -> None:
    space = await publish_named("会议室")
    async with database.transaction() as session:
        held = await book(session, Book(space.id, NINE, oneself(RESIDENT), resident(RESIDENT), NOW, hold=True))
        with pytest.raises(NotConfirmed):
            await grant_access(session, GrantAccess(held.id, resident(RESIDENT), NOW))
        with pytest.raises(BookingUnseen):
            await grant_access(session, GrantAccess(held.id, resident(uuid.uuid4()), NOW))
        for by in (resident(RESIDENT), NEXT_DESK, OPERATOR):
            with pytest.raises(OutOfScope):
                await enter(session, Enter(space.id, "123456", by, NOW))
        with pytest.raises(OutOfScope):
            await set_quota(session, SetQuota(COMMUNITY, 60, NEXT_DESK))
        with pytest.raises(OutOfScope):
            await enter_member(session, EnterMember(COMMUNITY, uuid.uuid4(), RESIDENT, NEXT_DESK))


async def test_of_32_bookings_that_a_household_makes_at_once_no_more_succeed_than_are_its_share(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space, household = await publish_named("会议室"), uuid.uuid4()
    family = [uuid.uuid4() for _ in range(4)]
    async with database.transaction() as session:
        await set_quota(session, SetQuota(COMMUNITY, 180, OPERATOR))
        for who in family:
            await enter_member(session, EnterMember(COMMUNITY, household, who, OPERATOR))
    periods = [(clock(1 + n // 8, 8 + 2 * (n % 6)), clock(1 + n // 8, 9 + 2 * (n % 6))) for n in range(32)]

    async def attempt(n: int) -> str:
        try:
            await take(database, space, periods[n], family[n % 4])
        except (QuotaExceeded, SlotTaken) as refusal:
            return refusal.type
        return "booked"

    outcomes = Counter(await asyncio.gather(*(attempt(n) for n in range(32))))
    assert outcomes["booked"] == 3
    assert outcomes["booking-quota-exceeded"] + outcomes["slot-taken"] == 29
    assert await take(database, space, (clock(8, 9), clock(8, 10)), family[0]), "another week"
    assert await take(database, space, (clock(7, 20), clock(7, 21)), uuid.uuid4()), "another household"
    with pytest.raises(QuotaExceeded):
        await take(database, space, (clock(7, 18), clock(7, 19)), family[1])


@pytest.mark.proves("S20")
async def test_door_codes_warnings_and_shares_through_http(api: ServiceClient) -> None:
    who = resident(RESIDENT)
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    terms = {"community_code": COMMUNITY, "opening_hours": hours, "slot_minutes": 30, "longest_minutes": 120}
    spaces = [(await api.post("/spaces", OPERATOR, {**terms, "name": n})).json()["id"] for n in ("会议室", "书房")]
    start, end = tomorrow(9)
    body: dict[str, Any] = {"resident_id": str(RESIDENT), "channel": "app"}
    body |= {"starts_at": start.isoformat(), "ends_at": end.isoformat()}
    first = (await api.post("/bookings", who, {**body, "space_id": spaces[0]})).json()
    # The same person at the same time elsewhere: warned, not refused.
    second = (await api.post("/bookings", who, {**body, "space_id": spaces[1]})).json()
    assert (first["overlaps"], second["overlaps"]) == ([], [first["id"]])
    # A door code per booking; tomorrow's does not open today.
    grants = [(await api.post(f"/bookings/{one['id']}/access", who)).json() for one in (first, second)]
    assert datetime.fromisoformat(grants[0]["opens_from"]) == start - EARLY
    refused = await api.post(f"/spaces/{spaces[0]}/entries", LOCK, {"code": grants[0]["code"]})
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (403, "door-closed")
    # The household's share of the week is used up by what another member booked.
    member, household = uuid.uuid4(), str(uuid.uuid4())
    quota = {"community_code": COMMUNITY, "minutes_a_week": 120}
    assert (await api.post("/booking-quotas", OPERATOR, quota)).status_code == 201
    for one in (RESIDENT, member):
        entered = {"community_code": COMMUNITY, "household_id": household, "resident_id": str(one)}
        assert (await api.post("/household-members", OPERATOR, entered)).json() == entered
    noon = {"starts_at": tomorrow(12)[0].isoformat(), "ends_at": tomorrow(13)[0].isoformat()}
    more = {**body, **noon, "space_id": spaces[0], "resident_id": str(member)}
    refused = await api.post("/bookings", resident(member), more)
    assert (refused.status_code, refused.json()["minutes"]) == (409, 180)
    stranger = uuid.uuid4()
    made = await api.post("/bookings", resident(stranger), {**more, "resident_id": str(stranger)})
    assert made.status_code == 201
