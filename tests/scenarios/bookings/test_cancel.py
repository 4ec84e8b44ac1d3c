"""Cancelling a booking."""

import asyncio
import uuid

import pytest
from sqlalchemy import select

from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.bookings.queries import find_booking
from services.scenarios.bookings.rules import BookingBegun, BookingCancelled, BookingUnseen
from services.scenarios.bookings.tables import Booking, Cancellation
from services.scenarios.claims.tables import Claim
from services.scenarios.spaces.tables import Space
from shared.assistance import ChannelNotAllowed, ConsentMissing
from shared.clock import Period
from shared.database import Database
from shared.errors import OutOfScope
from shared.events.scenarios import BookingCancelled as BookingCancelledEvent
from tests.scenarios.conftest import PublishSpaceNamed
from tests.scenarios.people import DESK, NEXT_DESK, NOW, OPERATOR, at_desk, clock, oneself, resident
from tests.told import told

RESIDENT = uuid.uuid4()
NINE: Period = (clock(1, 9), clock(1, 10))


@pytest.fixture
async def space(publish_named: PublishSpaceNamed) -> Space:
    return await publish_named("会议室")


@pytest.fixture
async def booking(database: Database, space: Space) -> Booking:
    async with database.transaction() as session:
        return await book(session, Book(space.id, NINE, oneself(RESIDENT), resident(RESIDENT), NOW))


def own_cancel(booking: Booking) -> Cancel:
    return Cancel(booking.id, "app", None, resident(RESIDENT), NOW)


async def test_a_cancelled_period_can_be_booked_again(database: Database, space: Space, booking: Booking) -> None:
    async with database.transaction() as session:
        await cancel(session, own_cancel(booking))
    async with database.transaction() as session:
        again = await book(session, Book(space.id, NINE, oneself(RESIDENT), resident(RESIDENT), NOW))
        states = await session.scalars(select(Claim.state).order_by(Claim.state))
        assert list(states) == ["released", "taken"]
        given_up = await find_booking(session, booking.id, resident(RESIDENT))
    assert (given_up.state, given_up.changed_at) == ("cancelled", NOW)
    (data,) = await told(database, BookingCancelledEvent.type)
    assert BookingCancelledEvent.model_validate(data).booking_id == booking.id
    assert again.id != booking.id


async def test_the_desk_cancels_for_a_resident_and_the_consent_is_kept(database: Database, booking: Booking) -> None:
    consent = at_desk(RESIDENT).consent
    async with database.transaction() as session:
        await cancel(session, Cancel(booking.id, "phone", consent, DESK, NOW))
        kept = await session.get_one(Cancellation, (booking.community_code, booking.id))
    assert (kept.channel, kept.given_by, kept.consent) == (
        "phone",
        DESK.subject,
        {"form": "signed", "reference": "登记表 2027-118"},
    )


async def test_another_resident_and_another_desk_do_not_see_the_booking(database: Database, booking: Booking) -> None:
    consent = at_desk(RESIDENT).consent
    async with database.transaction() as session:
        with pytest.raises(BookingUnseen):
            await cancel(session, Cancel(booking.id, "app", None, resident(uuid.uuid4()), NOW))
        with pytest.raises(BookingUnseen):
            await cancel(session, Cancel(booking.id, "desk", consent, NEXT_DESK, NOW))
        with pytest.raises(BookingUnseen):
            await cancel(session, Cancel(uuid.uuid4(), "app", None, resident(RESIDENT), NOW))


async def test_who_sees_a_booking_may_not_therefore_cancel_it(database: Database, booking: Booking) -> None:
    consent = at_desk(RESIDENT).consent
    async with database.transaction() as session:
        with pytest.raises(OutOfScope):
            await cancel(session, Cancel(booking.id, "desk", consent, OPERATOR, NOW))
        with pytest.raises(ConsentMissing):
            await cancel(session, Cancel(booking.id, "desk", None, DESK, NOW))
        with pytest.raises(ChannelNotAllowed):
            await cancel(session, Cancel(booking.id, "paper", None, resident(RESIDENT), NOW))


async def test_a_booking_that_has_begun_cannot_be_cancelled(database: Database, booking: Booking) -> None:
    async with database.transaction() as session:
        with pytest.raises(BookingBegun):
            await cancel(session, Cancel(booking.id, "app", None, resident(RESIDENT), NINE[0]))


async def test_of_many_that_cancel_one_booking_at_once_one_does(database: Database, booking: Booking) -> None:
    async def attempt() -> str:
        try:
            async with database.transaction() as session:
                await cancel(session, own_cancel(booking))
        except BookingCancelled:
            return "was cancelled"
        return "cancelled"

    outcomes = await asyncio.gather(*(attempt() for _ in range(8)))
    assert sorted(outcomes) == ["cancelled", *["was cancelled"] * 7]
