"""What no service can take in is buried, however it is made, and what comes after it is taken in."""

import json
import uuid
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database
from shared.events.operations import CommunityRegistered
from shared.inbox import DeadLetter, Inbox, on
from shared.log import Message
from tests.ground import MakeDatabase

COMMUNITY = "330102001051"


@pytest.fixture
async def database(make_database: MakeDatabase) -> AsyncIterator[Database]:
    """A service's database."""
    database = Database((await make_database("points")).app, name="test")
    yield database
    await database.close()


def told(name: str, **attributes: object) -> bytes:
    """Return a CloudEvent of a community with this name, some of its attributes otherwise."""
    data = {"community_code": COMMUNITY, "name": name}
    event = {"id": str(uuid.uuid4()), "type": CommunityRegistered.type, "data": data, **attributes}
    return json.dumps(event).encode()


@pytest.mark.parametrize(
    "value",
    [
        told("东江社区", type=[CommunityRegistered.type]),
        told("东江社区", type={}),
        told("东江社区", type=7),
        told("东江社区", type=None),
        told("东江社区", id="1"),
        told("东江社区", data=None),
        told("\x00"),
        b"\xff",
        b"[" * 100_000,
        b"",
    ],
)
async def test_what_is_no_event_is_buried_and_those_beside_it_are_taken_in(database: Database, value: bytes) -> None:
    taken: list[str] = []

    async def take(_: AsyncSession, event: CommunityRegistered) -> None:
        if not event.name.isprintable():
            raise ValueError(f"no name: {event.name}")
        taken.append(event.name)

    values = [told("清波门社区"), value, told("柳浪社区")]
    messages = [Message("operations", COMMUNITY, each, (0, place)) for place, each in enumerate(values)]
    await Inbox("points", database, [on(CommunityRegistered, take)]).take(messages)
    assert set(taken) == {"清波门社区", "柳浪社区"}
    async with database.transaction() as session:
        assert list(await session.scalars(select(DeadLetter.value))) == [value]
