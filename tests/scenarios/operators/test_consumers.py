"""A space whose operator is on the black list takes no bookings until it is off again."""

import uuid
from datetime import timedelta

import pytest

from services.scenarios.availability.queries import (
    find_alternatives,
    find_bookable,
    find_first_free,
    find_free,
)
from services.scenarios.bookings.book import Book, book
from services.scenarios.spaces.rules import OperatorDebarred
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.explain import explain
from services.scenarios.worker import HANDLERS
from shared.clock import Period, local_day
from shared.database import Database
from shared.events import Event
from shared.events.operations import ProviderDebarred, ProviderRestored, ProviderRestricted, SpaceEntrusted
from shared.inbox import Inbox
from tests.operations.ground import message
from tests.scenarios.conftest import PublishSpaceNamed
from tests.scenarios.people import COMMUNITY, NOW, clock, oneself, resident

OPERATOR, WHO = uuid.uuid4(), uuid.uuid4()
ABOUT = {"community_code": COMMUNITY, "provider_id": OPERATOR}


async def come(database: Database, *events: Event) -> None:
    await Inbox("scenarios", database, HANDLERS).take([message(event) for event in events])


async def try_to_book(database: Database, space: Space, hour: int) -> None:
    async with database.transaction() as session:
        period = (clock(1, hour), clock(1, hour + 1))
        await book(session, Book(space.id, period, oneself(WHO), resident(WHO), NOW))


async def told_of(database: Database, run: Space, own: Space) -> tuple[list[str], list[Period], list[str], list[str]]:
    """Return why the one cannot be booked, when it is free, which spaces are free first, and what is had instead."""
    noon, day = (clock(1, 12), clock(1, 13)), (clock(1, 9), clock(1, 21))
    async with database.transaction() as session:
        why = [type(reason).__name__ for reason in await explain(session, run.id, noon, "base", NOW)]
        free = await find_free(session, run.id, day, NOW)
        first = await find_first_free(session, COMMUNITY, NOW, timedelta(hours=1), function="base", now=NOW)
        _, instead = await find_alternatives(session, await find_bookable(session, own.id), noon, NOW, "base")
    return why, free, [offer.name for offer, _ in first], [offer.name for offer in instead]


def entrusted(space: Space) -> SpaceEntrusted:
    today = local_day(NOW)
    term = {"starts_on": today, "ends_on": today + timedelta(days=365)}
    return SpaceEntrusted(**ABOUT, space_id=space.id, **term)


@pytest.mark.parametrize("area", ["", COMMUNITY[:6]])
async def test_a_debarment_closes_the_operators_spaces_and_its_appeal_opens_them(
    database: Database, publish_named: PublishSpaceNamed, area: str
) -> None:
    run, own = await publish_named("邻里客厅"), await publish_named("会议室")
    await come(database, entrusted(run))
    await try_to_book(database, run, 9)
    term = {"basis": "虚开积分", "effective_at": NOW}
    everywhere = ProviderDebarred(**ABOUT, **term)
    here = ProviderRestricted(**ABOUT, **term, area=area, scene="")
    await come(database, here if area else everywhere)
    with pytest.raises(OperatorDebarred):
        await try_to_book(database, run, 11)
    assert await told_of(database, run, own) == (["OperatorDebarred"], [], ["会议室"], [])
    await try_to_book(database, own, 11)
    await come(database, ProviderRestored(**ABOUT, area=area, scene="", ground="appeal", effective_at=NOW))
    await try_to_book(database, run, 11)


async def test_elsewhere_in_one_scene_or_before_its_time_nothing_closes(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space = await publish_named("邻里客厅")
    await come(database, entrusted(space))
    term = {"basis": "虚开积分", "effective_at": NOW}
    await come(database, ProviderRestricted(**ABOUT, **term, area="330102", scene=""))
    await come(database, ProviderRestricted(**ABOUT, **term, area="", scene="health"))
    await come(database, ProviderRestored(**ABOUT, area="", scene="health", ground="term", effective_at=NOW))
    await try_to_book(database, space, 9)
    later = {**term, "effective_at": NOW + timedelta(days=9)}
    await come(database, ProviderDebarred(**ABOUT, **later))
    await try_to_book(database, space, 11)


async def test_what_came_after_its_term_closes_nothing(database: Database, publish_named: PublishSpaceNamed) -> None:
    space = await publish_named("邻里客厅")
    until = local_day(NOW) - timedelta(days=1)
    await come(
        database, entrusted(space).model_copy(update={"starts_on": until - timedelta(days=365), "ends_on": until})
    )
    await come(database, ProviderDebarred(**ABOUT, basis="虚开积分", effective_at=NOW))
    await try_to_book(database, space, 9)
