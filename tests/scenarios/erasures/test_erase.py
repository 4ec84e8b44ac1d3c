"""An erasure gives up what stands, waits for points and hours that are on their way, and then leaves a pseudonym."""

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text

from services.scenarios.activities.sign_up import TakeSeat, sign_up
from services.scenarios.activities.tables import SignUp
from services.scenarios.bookings.tables import Booking
from services.scenarios.erasures.consumers import tell_erased
from services.scenarios.erasures.erase import erase
from services.scenarios.tariffs.consumers import note_answer
from services.scenarios.tariffs.queries import find_payment
from services.scenarios.tariffs.settle_payment import settle_payment
from services.scenarios.timebank.agree_help import AgreeHelp, agree_help
from services.scenarios.timebank.post_help import PostHelp, post_help
from services.scenarios.timebank.tables import HelpPost, HelpVisit
from services.scenarios.waitlist.join_waitlist import JoinWaitlist, join_waitlist
from services.scenarios.waitlist.tables import WaitlistEntry
from shared.database import Database
from shared.erasure import erase_due, note_erasure
from shared.events.gateway import ErasureRequested
from shared.events.points import PaymentStepAnswered
from tests.ground import ServiceClient
from tests.scenarios.conftest import PublishActivityFor
from tests.scenarios.people import COMMUNITY, NOW, OPERATOR, oneself, resident
from tests.scenarios.tariffs.test_api import IN_APP, ONE, PRICE, answer, hold, space
from tests.told import told

ANSWERED, HOUR = "scenarios.resident-erased.v1", timedelta(hours=1)


def request(who: uuid.UUID) -> ErasureRequested:
    return ErasureRequested(
        community_code=COMMUNITY, request_id=uuid.uuid4(), resident_id=who, asked_by=f"resident:{who}", asked_at=NOW
    )


async def run(database: Database, now: datetime, *asked: ErasureRequested) -> None:
    """Take requests in, and do what the worker does."""
    async with database.transaction() as session:
        for each in asked:
            await note_erasure(session, each)
    await erase_due(database, erase, tell_erased, now)


async def test_seats_places_and_help_are_given_up_and_others_get_them(
    database: Database, publish_for: PublishActivityFor
) -> None:
    leaver, next_one, helper = (uuid.uuid4() for _ in range(3))
    activity = await publish_for(1)
    async with database.transaction() as session:
        await sign_up(session, TakeSeat(activity.id, COMMUNITY, oneself(leaver), resident(leaver), NOW))
        await join_waitlist(
            session, JoinWaitlist(activity.id, COMMUNITY, oneself(next_one), 1, "general", resident(next_one), NOW)
        )
        open_post, answered = [
            await post_help(
                session,
                PostHelp(
                    COMMUNITY, "request", "陪诊", "去医院取药", NOW + HOUR, 8, None, False, oneself(leaver),  # noqa: FBT003
                    resident(leaver), NOW,
                ),
            )
            for _ in range(2)
        ]  # fmt: skip
        visit = await agree_help(session, AgreeHelp(answered.id, oneself(helper), resident(helper), NOW))
    asked = request(leaver)
    await run(database, NOW, asked, asked)
    async with database.transaction() as session:
        seat = (await session.scalars(select(SignUp))).one()
        assert (seat.state, seat.resident_id == leaver, seat.given_by == f"resident:{leaver}") == (
            "withdrawn", False, False,
        )  # fmt: skip
        assert seat.given_by == f"resident:{seat.resident_id}"
        assert (await session.scalars(select(WaitlistEntry.state))).one() == "offered"
        post = await session.get_one(HelpPost, (COMMUNITY, open_post.id))
        assert (post.state, post.text) == ("withdrawn", "")
        cancelled = await session.get_one(HelpVisit, (COMMUNITY, visit.id))
        assert (cancelled.state, cancelled.giver_id, cancelled.receiver_id) == ("cancelled", helper, seat.resident_id)
    assert len(await told(database, ANSWERED)) == 1
    await run(database, NOW + HOUR)
    assert len(await told(database, ANSWERED)) == 1  # once, however often the worker looks


async def test_a_booking_that_is_being_paid_is_cancelled_and_its_points_come_back_first(api: ServiceClient) -> None:
    where = await space(api)
    await api.post(f"/spaces/{where}/tariff", OPERATOR, PRICE)
    booking_id = uuid.UUID(await hold(api, where, 9))
    await api.post(f"/bookings/{booking_id}/payment", resident(ONE), IN_APP)
    database, now = Database(api.database.app, name="test", pool_size=2), datetime.now(UTC)
    await run(database, now, request(ONE))
    assert await told(database, ANSWERED) == []
    async with database.transaction() as session:
        booking = await session.get_one(Booking, (COMMUNITY, booking_id))
        assert (booking.state, booking.resident_id) == ("cancelled", ONE)
    for step in ("hold", "release"):
        async with database.transaction() as session:
            given = {"community_code": COMMUNITY, "booking_id": booking_id, "resident_id": ONE, "step": step}
            await note_answer(session, PaymentStepAnswered(**given, accepted=True, reason=None))
        async with database.transaction() as session:
            payment = await find_payment(session, COMMUNITY, booking_id, lock=True)
            assert payment
            await settle_payment(session, payment, now)
    await run(database, now)
    assert len(await told(database, ANSWERED)) == 1
    async with database.transaction() as session:
        names = (
            "SELECT count(*) FROM booking b JOIN payment p ON p.resident_id = b.resident_id WHERE b.resident_id <> :o"
        )
        assert await session.scalar(text(names), {"o": ONE}) == 1
    await database.close()


async def test_a_booking_that_was_paid_is_cancelled_and_its_points_come_back_to_who_paid_them(
    api: ServiceClient,
) -> None:
    where = await space(api)
    await api.post(f"/spaces/{where}/tariff", OPERATOR, PRICE)
    booking_id = await hold(api, where, 9)
    await api.post(f"/bookings/{booking_id}/payment", resident(ONE), IN_APP)
    for step in ("hold", "capture"):
        await answer(api, booking_id, step)
    database, now = Database(api.database.app, name="test", pool_size=2), datetime.now(UTC)
    await run(database, now, request(ONE))
    assert await told(database, ANSWERED) == []
    async with database.transaction() as session:
        payment = await find_payment(session, COMMUNITY, uuid.UUID(booking_id), lock=True)
        assert payment
        await settle_payment(session, payment, now)
    for step in ("refund", "release"):
        await answer(api, booking_id, step)
    asked = await told(database, "scenarios.payment-step-requested.v1")
    assert [(each["step"], each["resident_id"]) for each in asked] == [
        (step, str(ONE)) for step in ("hold", "capture", "refund", "release")
    ]
    await run(database, now)
    assert len(await told(database, ANSWERED)) == 1
    await database.close()
