"""The cockpit, from events to the record."""

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.operations.cockpit.roll_up import Happened, roll_up
from services.operations.worker import HANDLERS
from shared.database import Database
from shared.events import Event
from shared.inbox import Inbox
from tests.ground import ServiceClient, identity
from tests.operations.events import attendance, booking, redemption
from tests.operations.ground import DONGJIANG, JINFENG, NOW, RESIDENT, YUYAO_OFFICIAL, message

STREET = identity("staff:qian", ("official", "330281002"))
SHOP = uuid.uuid4()
DAYS = {"first": "2026-01-01", "last": "2026-12-31"}


async def happen(api: ServiceClient, *events: Event) -> None:
    database = Database(api.database.app, name="test")
    await Inbox("operations", database, HANDLERS).take([message(event) for event in events])
    await database.close()


def figures(of: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {one["measure"]: (one["count"], one["amount"]) for one in of}


@pytest.mark.proves("O15")
async def test_a_street_sees_its_sums_how_fresh_they_are_and_the_records_they_are_of(api: ServiceClient) -> None:
    empty = (await api.get("/cockpit/330281002", STREET, **DAYS)).json()
    assert (empty["totals"], empty["freshness"]["last_received_at"]) == ([], None)
    once = redemption(SHOP, 40)
    elsewhere = redemption(SHOP, 999, community_code=JINFENG)
    await happen(api, once, once, redemption(SHOP, 7, NOW - timedelta(days=40)), attendance(), booking(), elsewhere)
    seen = (await api.get("/cockpit/330281002", STREET, **DAYS)).json()
    assert figures(seen["totals"]) == {"attendances": (1, 1), "bookings": (1, 1), "points_redeemed": (2, 47)}
    assert [(one["month"], figures(one["figures"]).get("points_redeemed")) for one in seen["months"]] == [
        ("2026-10", (1, 7)),
        ("2026-11", (1, 40)),
    ]
    assert [one["community_code"] for one in seen["communities"]] == [DONGJIANG]
    assert datetime.fromisoformat(seen["freshness"]["last_occurred_at"]) == NOW
    assert seen["freshness"]["last_received_at"] <= seen["freshness"]["asked_at"]
    # Down to the record, page by page.
    down: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await api.get(
            "/cockpit/330281002/records", STREET, measure="points_redeemed", page_size=1, **DAYS, **cursor
        )
        down += page.json()["items"]
        if page.json()["next_cursor"] is None:
            break
        cursor = {"cursor": page.json()["next_cursor"]}
    assert sorted(one["amount"] for one in down) == [7, 40]
    assert str(once.redemption_id) in {one["source_id"] for one in down}
    assert "actor" not in down[0]
    # The district sees the other street's too; the other street and a resident do not see this one.
    assert figures((await api.get("/cockpit/330281", YUYAO_OFFICIAL, **DAYS)).json()["totals"])["points_redeemed"] == (
        3,
        1_046,
    )
    for who in (identity("staff:sun", ("official", "330281003")), RESIDENT):
        assert (await api.get("/cockpit/330281002", who)).status_code == 403
        assert (await api.get("/cockpit/330281002/records", who, measure="bookings")).status_code == 403
    assert (await api.get("/cockpit/330281", STREET)).status_code == 403


async def test_a_day_is_one_in_china(api: ServiceClient) -> None:
    await happen(api, redemption(SHOP, 1, datetime.fromisoformat("2026-11-30T16:00:00+00:00")))
    seen = (await api.get("/cockpit/330281002", STREET, first="2026-12-01", last="2026-12-01")).json()
    assert figures(seen["totals"]) == {"points_redeemed": (1, 1)}


async def test_a_made_up_cursor_is_refused(api: ServiceClient) -> None:
    answer = await api.get("/cockpit/330281002/records", STREET, measure="bookings", cursor="nonsense")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "bad-cursor")


async def test_32_at_once_lose_nothing_and_the_sums_are_those_of_the_records(database: Database) -> None:
    same = uuid.uuid4()

    async def one(n: int) -> None:
        source_id = same if n % 4 == 0 else uuid.uuid4()
        async with database.transaction() as session:
            await roll_up(session, Happened(DONGJIANG, "bookings", source_id, 1, uuid.uuid4(), NOW))

    await asyncio.gather(*(one(n) for n in range(32)))
    async with database.transaction() as session:
        rolled = (await session.execute(text("SELECT sum(count), sum(amount) FROM cockpit_day"))).one()
        counted = (await session.execute(text("SELECT count(*), sum(amount) FROM cockpit_record"))).one()
    assert tuple(rolled) == tuple(counted) == (25, 25)
