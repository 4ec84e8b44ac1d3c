"""Booking a space."""

import uuid

import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from services.scenarios.availability.queries import find_free
from services.scenarios.availability.rules import OutsideOpeningHours, SlotTaken
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.tables import Booking
from services.scenarios.claims.tables import Claim
from services.scenarios.spaces.rules import SpaceUnseen
from services.scenarios.spaces.tables import Space
from shared.assistance import ChannelNotAllowed, ConsentMissing, OnBehalf
from shared.clock import Period
from shared.database import Database
from shared.errors import OutOfScope
from shared.events.scenarios import BookingConfirmed
from shared.identity import Identity
from tests.scenarios.conftest import PublishSpaceNamed
from tests.scenarios.people import COMMUNITY, DESK, NEXT_COMMUNITY, NEXT_DESK, NOW, at_desk, clock, oneself, resident
from tests.told import told

RESIDENT = uuid.uuid4()
NINE: Period = (clock(1, 9), clock(1, 10))


def booking_of(space: Space, period: Period = NINE, who: uuid.UUID = RESIDENT) -> Book:
    return Book(space.id, period, oneself(who), resident(who), NOW)


def claim_of(space: Space) -> Claim:
    return Claim(community_code=COMMUNITY, booking_id=uuid.uuid4(), unit_id=space.unit_ids[0], period=Range(*NINE))


async def test_a_booking_is_told_with_its_facts(database: Database, publish_named: PublishSpaceNamed) -> None:
    space = await publish_named("会议室")
    async with database.transaction() as session:
        booking = await book(session, booking_of(space))
    (data,) = await told(database, BookingConfirmed.type)
    event = BookingConfirmed.model_validate(data)
    assert (event.booking_id, event.space_id, event.resident_id) == (booking.id, space.id, RESIDENT)
    assert (event.starts_at, event.ends_at, event.channel, event.community_code) == (*NINE, "app", COMMUNITY)


async def test_nothing_is_booked_or_told_if_the_transaction_is_rolled_back(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space = await publish_named("会议室")
    async with database.transaction() as session:
        await book(session, booking_of(space))
        await session.rollback()
    assert await told(database, BookingConfirmed.type) == []
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Claim)) == 0


async def test_a_resident_of_another_community_books_too(database: Database, publish_named: PublishSpaceNamed) -> None:
    space = await publish_named("会议室")
    async with database.transaction() as session:
        guest = resident(RESIDENT, NEXT_COMMUNITY)
        booking = await book(session, Book(space.id, NINE, oneself(RESIDENT), guest, NOW))
    assert booking.community_code == COMMUNITY


async def test_the_desk_books_for_a_resident_and_the_consent_is_kept(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space = await publish_named("会议室")
    async with database.transaction() as session:
        made = await book(session, Book(space.id, NINE, at_desk(RESIDENT, "phone"), DESK, NOW))
    async with database.transaction() as session:
        booking = await session.get_one(Booking, (made.community_code, made.id))
    assert (booking.resident_id, booking.channel, booking.given_by) == (RESIDENT, "phone", DESK.subject)
    assert booking.consent == {"form": "signed", "reference": "登记表 2027-118"}


@pytest.mark.parametrize(
    ("on_behalf", "by", "refusal"),
    [
        (oneself(RESIDENT), resident(uuid.uuid4()), OutOfScope),
        (at_desk(RESIDENT), NEXT_DESK, OutOfScope),
        (at_desk(RESIDENT, "app"), DESK, ChannelNotAllowed),
        (OnBehalf(RESIDENT, "desk", None), DESK, ConsentMissing),
    ],
)
async def test_who_may_not_act_for_the_resident_books_nothing(
    database: Database,
    publish_named: PublishSpaceNamed,
    on_behalf: OnBehalf,
    by: Identity,
    refusal: type[Exception],
) -> None:
    space = await publish_named("会议室")
    async with database.transaction() as session:
        with pytest.raises(refusal):
            await book(session, Book(space.id, NINE, on_behalf, by, NOW))


async def test_a_space_that_is_not_there_cannot_be_booked(database: Database) -> None:
    async with database.transaction() as session:
        with pytest.raises(SpaceUnseen):
            await book(session, Book(uuid.uuid4(), NINE, oneself(RESIDENT), resident(RESIDENT), NOW))


async def test_what_the_terms_do_not_allow_is_refused(database: Database, publish_named: PublishSpaceNamed) -> None:
    space = await publish_named("会议室")
    async with database.transaction() as session:
        with pytest.raises(OutsideOpeningHours):
            await book(session, booking_of(space, (clock(1, 22), clock(1, 23))))


@pytest.mark.parametrize(
    "period",
    [
        NINE,
        (clock(1, 8, 30), clock(1, 9, 30)),
        (clock(1, 9, 30), clock(1, 10)),
        (clock(1, 8), clock(1, 9)),  # its own buffer runs into the booking
        (clock(1, 10), clock(1, 11)),  # the booking's buffer runs into it
    ],
)
async def test_a_period_that_overlaps_a_booking_or_its_buffer_is_taken(
    database: Database, publish_named: PublishSpaceNamed, period: Period
) -> None:
    space = await publish_named("会议室")
    async with database.transaction() as session:
        await book(session, booking_of(space))
    async with database.transaction() as session:
        with pytest.raises(SlotTaken):
            await book(session, booking_of(space, period, uuid.uuid4()))


async def test_who_comes_second_is_offered_other_periods_and_other_spaces(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space, busy, idle = [await publish_named(name) for name in ("会议室", "书房", "活动室")]
    async with database.transaction() as session:
        await book(session, booking_of(space))
        await book(session, booking_of(busy, (clock(1, 10), clock(1, 11))))
    async with database.transaction() as session:
        with pytest.raises(SlotTaken) as refused:
            await book(session, booking_of(space, NINE, uuid.uuid4()))
    assert refused.value.alternatives == {
        "same_space": [
            {"starts_at": "2027-03-01T10:30:00+08:00", "ends_at": "2027-03-01T11:30:00+08:00"},
            {"starts_at": "2027-03-01T11:30:00+08:00", "ends_at": "2027-03-01T12:30:00+08:00"},
            {"starts_at": "2027-03-01T12:30:00+08:00", "ends_at": "2027-03-01T13:30:00+08:00"},
        ],
        "same_time": [{"space_id": str(idle.id), "name": "活动室"}],
    }


async def test_free_periods_start_now_and_leave_out_what_is_booked(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space = await publish_named("会议室")
    async with database.transaction() as session:
        await book(session, booking_of(space))
    async with database.transaction() as session:
        free = await find_free(session, space.id, (clock(1, 0), clock(2, 0)), clock(1, 8, 10))
        past = await find_free(session, space.id, (clock(1, 0), clock(2, 0)), clock(5, 0))
    assert free == [(clock(1, 10, 30), clock(1, 22))]
    assert past == []


async def test_the_database_itself_refuses_two_claims_that_overlap(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space = await publish_named("会议室")
    async with database.transaction() as session:
        await book(session, booking_of(space))
    with pytest.raises(IntegrityError, match="claim_never_twice"):
        async with database.transaction() as session:
            session.add(claim_of(space))


async def test_a_claim_without_a_booking_cannot_be_committed(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space = await publish_named("会议室")
    with pytest.raises(IntegrityError, match="fk_claim_community_code_booking_id"):
        async with database.transaction() as session:
            session.add(claim_of(space))
