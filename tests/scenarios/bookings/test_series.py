"""Bookings that recur, and bookings that are moved."""

import asyncio
import uuid
from datetime import MAXYEAR, datetime, timedelta
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from sqlalchemy import func, select

from services.scenarios.availability.rules import SlotTaken
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.book_series import BookSeries, book_series
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.bookings.edit_following import EditFollowing, edit_following
from services.scenarios.bookings.reschedule import Reschedule, reschedule
from services.scenarios.bookings.rules import (
    CALENDAR_YEARS,
    BookingBegun,
    BookingCancelled,
    BookingElsewhere,
    RuleInadmissible,
    SeriesConflicts,
    SeriesUnseen,
    occurrences,
)
from services.scenarios.bookings.tables import Booking, Rescheduling
from services.scenarios.spaces.queries import lock_spaces
from services.scenarios.spaces.tables import Space
from shared.clock import Period
from shared.database import Database
from shared.events.scenarios import BookingConfirmed, BookingRescheduled
from shared.pagination import encode_cursor
from tests.ground import ServiceClient
from tests.scenarios.conftest import PublishSpaceNamed, until_one_waits
from tests.scenarios.people import COMMUNITY, DESK, NOW, OPERATOR, clock, oneself, resident, tomorrow
from tests.told import told

RESIDENT = uuid.uuid4()
WHO = resident(RESIDENT)
NINE: Period = (clock(1, 9), clock(1, 10))
WEEKLY = "FREQ=WEEKLY;COUNT=4"


@pytest.fixture
async def room(publish_named: PublishSpaceNamed) -> Space:
    return await publish_named("会议室")


def first(space: Space, period: Period = NINE, who: uuid.UUID = RESIDENT) -> Book:
    return Book(space.id, period, oneself(who), resident(who), NOW)


def to(booking: Booking, period: Period) -> Reschedule:
    return Reschedule(booking.id, period, "app", None, resident(booking.resident_id), NOW)


async def take(database: Database, space: Space, period: Period) -> Booking:
    async with database.transaction() as session:
        return await book(session, first(space, period, uuid.uuid4()))


async def take_series(
    database: Database, space: Space, *, skip: bool, rule: str = WEEKLY
) -> tuple[list[Booking], list[dict[str, str]]]:
    async with database.transaction() as session:
        _, booked, left_out = await book_series(session, BookSeries(first(space), rule, skip))
    return booked, left_out


async def edit(
    database: Database, booking: Booking, period: Period, *, skip: bool
) -> tuple[list[Booking], list[dict[str, str]]]:
    async with database.transaction() as session:
        _, moved, left = await edit_following(session, EditFollowing(to(booking, period), skip))
    return moved, left


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=WEEKLY;COUNT=3", [1, 8, 15]),
        ("freq=weekly;interval=2;count=2", [1, 15]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", [1, 3, 8, 10]),
        ("FREQ=DAILY;UNTIL=20270303T010000Z", [1, 2, 3]),
        ("FREQ=MONTHLY;BYDAY=1MO;COUNT=1", [1]),
        ("FREQ=DAILY;UNTIL=20270305T000000Z;BYDAY=WE,FR;BYWEEKNO=9", [3]),
    ],
)
def test_a_rule_recurs_at_the_same_time_of_day(rule: str, days: list[int]) -> None:
    assert occurrences(rule, NINE) == [(clock(day, 9), clock(day, 10)) for day in days]


@pytest.mark.parametrize(
    "rule",
    [
        *("", "FREQ=WEEKLY", "FREQ=HOURLY;COUNT=2", "FREQ=DAILY;COUNT=61", "FREQ=DAILY;COUNT=x", "RRULE"),
        # Looked for without end; another line than a rule; text that no store holds.
        *(f"FREQ=DAILY;INTERVAL={never};COUNT=3;BYMONTHDAY=31" for never in ("0", "00", "-0", "")),
        *("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "FREQ=DAILY;INTERVAL=7;BYDAY=TU;UNTIL=20271231T000000Z"),
        *("FREQ=MONTHLY;INTERVAL=1200;COUNT=5", "FREQ=DAILY;BYEASTER=0;COUNT=1"),
        *("FREQ=DAILY;COUNT=2\nRDATE:20270301T010000", "FREQ=DAILY;COUNT=2;BYDAY=\0"),
    ],
)
def test_a_rule_without_an_end_or_sense_is_refused(rule: str) -> None:
    with pytest.raises(RuleInadmissible):
        occurrences(rule, NINE)


def test_a_rule_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(RuleInadmissible):
        occurrences("FREQ=MONTHLY;INTERVAL=6000;COUNT=60", (NINE[0], NINE[0] + timedelta(days=366 * 500)))


@pytest.mark.proves("S10")
async def test_series_skip_or_refuse_conflicts_are_edited_from_one_on_and_keep_their_ids(
    database: Database, room: Space
) -> None:
    other = await take(database, room, (clock(15, 9), clock(15, 10)))
    # Refused: nothing is booked, and the conflict is named. Skipped: the others are booked.
    with pytest.raises(SeriesConflicts) as refused:
        await take_series(database, room, skip=False)
    assert refused.value.conflicts == [{"starts_at": "2027-03-15T09:00:00+08:00", "type": "slot-taken"}]
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Booking)) == 1
    booked, left_out = await take_series(database, room, skip=True)
    assert [booking.starts_at for booking in booked] == [clock(1, 9), clock(8, 9), clock(22, 9)]
    assert left_out == refused.value.conflicts
    # From the second on at ten: the ids stay, the sequence rises, and the first is as it was.
    blocked = await take(database, room, (clock(22, 11), clock(22, 12)))
    with pytest.raises(SeriesConflicts):
        await edit(database, booked[1], (clock(8, 11), clock(8, 12)), skip=False)
    moved, left = await edit(database, booked[1], (clock(8, 11), clock(8, 12)), skip=True)
    assert [(one.id, one.starts_at, one.sequence) for one in moved] == [(booked[1].id, clock(8, 11), 1)]
    assert left == [{"starts_at": "2027-03-22T11:00:00+08:00", "type": "slot-taken"}]
    moved, left = await edit(database, booked[0], (clock(2, 14), clock(2, 16)), skip=False)
    assert [(one.id, one.sequence) for one in moved] == [(booked[0].id, 1), (booked[1].id, 2), (booked[2].id, 1)]
    assert [one.starts_at for one in moved] == [clock(2, 14), clock(9, 16), clock(23, 14)]
    assert {one.ends_at - one.starts_at for one in moved} == {timedelta(hours=2)}
    assert left == []
    events = [BookingRescheduled.model_validate(data) for data in await told(database, BookingRescheduled.type)]
    assert [event.sequence for event in events if event.booking_id == booked[1].id] == [1, 2]
    assert await take(database, room, NINE)
    assert len({other.id, blocked.id, *(one.id for one in booked)}) == 5


async def test_a_series_moved_by_less_than_its_length_does_not_run_into_itself(database: Database, room: Space) -> None:
    booked, _ = await take_series(database, room, skip=False, rule="FREQ=DAILY;COUNT=5")
    for day, hour in ((2, 9), (1, 9)):
        period = (clock(day, hour), clock(day, hour + 1))
        moved, _ = await edit(database, booked[0], period, skip=False)
        assert [one.starts_at for one in moved] == [period[0] + timedelta(days=n) for n in range(5)]


async def test_a_moved_booking_keeps_its_id_and_frees_its_old_time(database: Database, room: Space) -> None:
    booking = await take(database, room, NINE)
    overlapping = (clock(1, 9, 30), clock(1, 10, 30))
    async with database.transaction() as session:
        moved = await reschedule(session, to(booking, overlapping))
    assert (moved.id, moved.sequence, moved.starts_at, moved.state) == (booking.id, 1, overlapping[0], "confirmed")
    assert await take(database, room, (clock(1, 8), clock(1, 9)))
    async with database.transaction() as session:
        before = await session.get_one(Rescheduling, (COMMUNITY, booking.id, 0))
    assert (before.starts_at, before.ends_at) == NINE
    assert len(await told(database, BookingConfirmed.type)) == 2


async def test_who_cannot_have_another_time_keeps_the_old_one(database: Database, room: Space) -> None:
    booking, other = await take(database, room, NINE), await take(database, room, (clock(1, 11), clock(1, 12)))
    with pytest.raises(SlotTaken):
        async with database.transaction() as session:
            await reschedule(session, to(booking, (other.starts_at, other.ends_at)))
    with pytest.raises(SlotTaken):
        await take(database, room, NINE)


async def test_32_who_swap_their_times_at_once_neither_deadlock_nor_overlap(database: Database, room: Space) -> None:
    bookings = [await take(database, room, (clock(day, 9), clock(day, 10))) for day in range(1, 17)]

    async def swap(n: int) -> bool:
        target = bookings[(n + 1) % 16]
        try:
            async with database.transaction() as session:
                await reschedule(session, to(bookings[n % 16], (target.starts_at, target.ends_at)))
        except SlotTaken:
            return False
        return True

    await asyncio.gather(*(swap(n) for n in range(32)))
    async with database.transaction() as session:
        starts = list(await session.scalars(select(Booking.starts_at)))
    assert len(set(starts)) == 16


async def test_refusals_to_move(database: Database, room: Space) -> None:
    booking = await take(database, room, NINE)
    async with database.transaction() as session:
        held = await book(session, Book(room.id, (clock(1, 13), clock(1, 14)), oneself(RESIDENT), WHO, NOW, hold=True))
        gone = await book(session, first(room, (clock(1, 15), clock(1, 16))))
        await cancel(session, Cancel(gone.id, "app", None, WHO, NOW))
    noon = (clock(1, 17), clock(1, 18))
    late = Reschedule(booking.id, noon, "app", None, resident(booking.resident_id), clock(1, 9))
    for command, refusal in (
        (to(held, noon), BookingElsewhere),
        (to(gone, noon), BookingCancelled),
        (late, BookingBegun),
    ):
        async with database.transaction() as session:
            with pytest.raises(refusal):
                await reschedule(session, command)
    async with database.transaction() as session:
        with pytest.raises(SeriesUnseen):
            await edit_following(session, EditFollowing(to(booking, noon), skip=False))


async def test_a_resident_has_a_list_of_its_bookings_and_staff_of_those_in_their_community(api: ServiceClient) -> None:
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    terms = {"opening_hours": hours, "slot_minutes": 30, "longest_minutes": 120}
    space = (await api.post("/spaces", OPERATOR, {"community_code": COMMUNITY, "name": "书房", **terms})).json()["id"]
    times = dict(zip(("starts_at", "ends_at"), (moment.isoformat() for moment in tomorrow(9)), strict=True))
    body: dict[str, Any] = {"space_id": space, "resident_id": str(RESIDENT), "channel": "app", **times}
    series = await api.post("/booking-series", WHO, {**body, "rule": "FREQ=DAILY;COUNT=5"})
    assert series.status_code == 201
    ids = [one["id"] for one in series.json()["items"]]
    later = dict(zip(("starts_at", "ends_at"), (moment.isoformat() for moment in tomorrow(15)), strict=True))
    moved = await api.post(f"/bookings/{ids[0]}/rescheduling", WHO, {"channel": "app", **later})
    assert (moved.status_code, moved.json()["sequence"]) == (201, 1)
    evening = dict(zip(("starts_at", "ends_at"), (moment.isoformat() for moment in tomorrow(18)), strict=True))
    edited = await api.post(f"/bookings/{ids[0]}/following", WHO, {"channel": "app", **evening})
    assert [one["id"] for one in edited.json()["items"]] == ids
    seen: list[str] = []
    more: dict[str, str | int] = {}
    while True:
        page = (await api.get("/bookings", WHO, resident_id=str(RESIDENT), page_size=2, **more)).json()
        seen += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        more = {"cursor": page["next_cursor"]}
    assert seen == ids
    mine: dict[str, str | int] = {"resident_id": str(RESIDENT)}
    assert len((await api.get("/bookings", DESK, community_code=COMMUNITY, **mine)).json()["items"]) == 5
    for refused in (
        await api.get("/bookings", DESK, **mine),
        await api.get("/bookings", resident(uuid.uuid4()), **mine),
    ):
        assert refused.status_code == 403
    beyond = encode_cursor("0001-01-01T00:00:00+08:00", str(RESIDENT))  # a moment that no store holds
    for made_up in ("WyJ4Il0", encode_cursor("x", str(RESIDENT)), beyond):
        assert (await api.get("/bookings", WHO, cursor=made_up, **mine)).status_code == 422


async def test_who_moves_a_booking_waits_for_its_space_before_it_takes_the_booking(
    database: Database, room: Space
) -> None:
    booking = await take(database, room, NINE)

    async def move() -> Booking:
        async with database.transaction() as session:
            return await reschedule(session, to(booking, (clock(1, 14), clock(1, 15))))

    async with database.transaction() as session:  # as an emergency does, which then takes what is booked there
        await lock_spaces(session, COMMUNITY, Space.id == room.id)
        moving = asyncio.create_task(move())
        await until_one_waits(database)
        taken = select(Booking.id).where(Booking.id == booking.id).with_for_update(nowait=True)
        assert await session.scalar(taken) == booking.id
    assert (await moving).starts_at == clock(1, 14)


async def test_a_series_is_edited_while_one_of_its_bookings_is_moved(database: Database, room: Space) -> None:
    booked, _ = await take_series(database, room, skip=False)
    async with database.transaction() as session:
        await session.scalar(select(Booking.id).where(Booking.id == booked[-1].id).with_for_update())
        editing = asyncio.create_task(edit(database, booked[0], (clock(1, 14), clock(1, 15)), skip=False))
        await until_one_waits(database)
        await reschedule(session, to(booked[-1], (clock(22, 16), clock(22, 17))))
    moved, _ = await editing
    assert [one.starts_at for one in moved] == [clock(1, 14), clock(8, 14), clock(15, 14), clock(22, 21)]


def test_a_rule_that_never_comes_true_is_looked_for_in_one_round_of_the_calendar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[datetime] = []

    def watched(rule: str, dtstart: datetime) -> object:
        asked.append(dtstart)
        return rrulestr(rule, dtstart=dtstart)

    monkeypatch.setattr("services.scenarios.bookings.rules.rrulestr", watched)
    with pytest.raises(RuleInadmissible):
        occurrences("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", NINE)
    (start,) = asked
    assert MAXYEAR - start.year < CALENDAR_YEARS
    assert (start.weekday(), start.timetuple()[1:5]) == (NINE[0].weekday(), NINE[0].timetuple()[1:5])
