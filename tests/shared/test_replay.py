"""Dead letters, listed and replayed."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database
from shared.events import Event
from shared.events.operations import CommunityRegistered, ProviderRestored
from shared.events.points import CrossingDecided
from shared.inbox import DeadLetter, Inbox, on
from shared.log import Message
from shared.replay import main, replay, waiting
from tests.ground import MakeDatabase

EVENT_ID = uuid.uuid4()


@pytest.fixture
async def database(make_database: MakeDatabase) -> AsyncIterator[Database]:
    """A service's database with one dead letter in it."""
    database = Database((await make_database("points")).app, name="test")

    async def fail(_: AsyncSession, __: CommunityRegistered) -> None:
        raise ValueError("the register is closed")

    event = {
        "id": str(EVENT_ID),
        "type": CommunityRegistered.type,
        "data": {"community_code": "330102001051", "name": "清波门社区"},
    }
    message = Message("operations", "330102001051", json.dumps(event).encode(), (0, 0))
    await Inbox("points", database, [on(CommunityRegistered, fail)]).take([message])
    yield database
    await database.close()


async def test_a_dead_letter_waits_with_its_reason(database: Database) -> None:
    [letter] = await waiting(database)
    assert (letter.event_id, letter.reason) == (EVENT_ID, "ValueError: the register is closed")


async def test_after_the_cause_is_mended_it_is_taken_in_once(database: Database) -> None:
    taken: list[str] = []

    async def take(_: AsyncSession, event: CommunityRegistered) -> None:
        taken.append(event.name)

    assert await replay("points", database, [on(CommunityRegistered, take)], [])
    assert await waiting(database) == []
    assert not await replay("points", database, [on(CommunityRegistered, take)], [EVENT_ID])
    assert taken == ["清波门社区"]


async def test_what_still_fails_stays_where_it_is(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    async def fail(session: AsyncSession, _: CommunityRegistered) -> None:
        await session.execute(update(DeadLetter).values(reason="half done"))
        raise ValueError("still closed")

    assert not await replay("points", database, [on(CommunityRegistered, fail)], [EVENT_ID])
    assert "still closed" in capsys.readouterr().out
    async with database.transaction() as session:
        assert await session.scalar(select(DeadLetter.reason)) == "ValueError: the register is closed"


COMMUNITY, ELSEWHERE = "330102001051", "330281001051"
RESTORED = ProviderRestored(
    community_code=COMMUNITY,
    provider_id=uuid.uuid4(),
    area="",
    scene="",
    ground="appeal",
    effective_at=datetime(2026, 6, 1, tzinfo=UTC),
)
OF_OTHERS = CrossingDecided(
    community_code=ELSEWHERE,
    crossing_id=uuid.uuid4(),
    from_community=ELSEWHERE,
    accepted=True,
    reason=None,
    decision_no=1,
    request_heard=1,
)


@pytest.mark.parametrize(("service", "event"), [("points", OF_OTHERS), ("gateway", RESTORED), ("points", RESTORED)])
async def test_whatever_a_worker_takes_in_can_be_replayed_for_it_also_in_a_cell(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, service: str, event: Event
) -> None:
    url = (await make_database(service)).app
    monkeypatch.setenv("LINLI_DATABASE_URL", url)
    monkeypatch.setenv("LINLI_CELL", "330102")
    database = Database(url, name="test")
    cloud_event = {"id": str(EVENT_ID), "type": event.type, "data": event.model_dump(mode="json")}
    async with database.transaction() as session:
        letter = {"topic": "t", "key": event.key, "value": json.dumps(cloud_event).encode(), "attempts": 4}
        session.add(DeadLetter(event_id=EVENT_ID, reason="it was away", **letter))
    assert await asyncio.to_thread(main, [service, "--all"]) == 0
    assert await waiting(database) == []
    await database.close()
