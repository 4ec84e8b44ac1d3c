"""Government platforms get what the catalogue lets them have: mapped, masked, signed, encrypted, and on record."""

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from gateway.console.exchange.queries import hold_application, hold_data_set, read_records
from gateway.console.exchange.tables import ExchangeRecord
from gateway.console.worker import forget_records
from gateway.registry import DataSet
from shared.database import Database
from shared.events.operations import CommunityProfiled
from tests.gateway.knock import ADMINISTRATORS, Door
from tests.gateway.receiving import (
    ATTENDANCE,
    ELSEWHERE,
    HERE,
    PROFILE,
    PROVISIONS,
    WITHIN_S,
    ask,
    attendance,
    government,
    list_in_catalogue,
    opened,
    rows_of,
    signing_key_of,
    tell,
)
from tests.gateway.ruling import decide, propose, provincial
from tests.ground import MakeDatabase


@pytest.mark.proves("G17")
async def test_what_is_new_of_a_data_set_is_provided_mapped_masked_signed_encrypted_and_on_record(ruled: Door) -> None:
    database, resident = Database(ruled.database.app, name="test", pool_size=2), uuid.uuid4()
    secret = await government(ruled)
    await tell(database, attendance())  # the catalogue has nothing yet
    await _approve_by_two(ruled, secret)
    signing_key = await signing_key_of(ruled)
    here, _, nameless = await tell(
        database, attendance(resident=resident), attendance(code=ELSEWHERE), attendance("", HERE)
    )

    first = await ask(ruled, secret, rows_max=1)
    assert "环保" not in first.text
    manifest, content = opened(first.json(), signing_key)
    [row] = map(json.loads, content.decode().splitlines())
    known_as = row.pop("RYBH")
    wanted = {"JLBH": here, "HDLX": "环保,志愿", "QDSJ": "2026-11-01T09:30:00+08:00", "SC": 60, "CSMC": None}
    assert row == wanted
    assert uuid.UUID(known_as) != resident
    assert manifest.items() >= {"owner": "上城区民政局", "level": "L2", "share": "conditional", "rows": 1}.items()
    assert manifest["more"]
    missing = {"fields": {"CSMC": 1}, "without_source": ["CSMC"], "incomplete": 0, "incomplete_ids": []}
    assert manifest["missing"] == missing

    rest, content = opened((await ask(ruled, secret, after=manifest["next"])).json(), signing_key)
    assert ([json.loads(line)["JLBH"] for line in content.decode().splitlines()], rest["more"]) == ([nameless], False)
    assert (rest["missing"]["fields"]["HDLX"], rest["missing"]["incomplete_ids"]) == (1, [nameless])
    [later] = await tell(database, attendance())
    newest, content = opened((await ask(ruled, secret, after=rest["next"])).json(), signing_key)
    assert json.loads(content)["JLBH"] == later
    nothing, content = opened((await ask(ruled, secret, after=newest["next"])).json(), signing_key)
    assert (content, nothing["rows"], nothing["next"]) == (b"", 0, newest["next"])

    await database.close()

    again, _ = opened((await ask(ruled, secret, rows_max=1)).json(), signing_key)
    assert (again["content_sm3"], again["next"]) == (manifest["content_sm3"], manifest["next"])
    await _is_the_same_in_other_forms(ruled, secret, [here, nameless, later], known_as)
    await _is_on_record(ruled, secret, 7, manifest)


async def _approve_by_two(door: Door, secret: str) -> None:
    alone = await propose(door, "data-set", "attendance", ATTENDANCE)
    assert (await decide(door, alone.json()["id"], who=0)).json()["type"].endswith("/second-person-required")
    assert (await ask(door, secret)).status_code == 404
    assert (await decide(door, alone.json()["id"])).status_code == 200


async def _is_the_same_in_other_forms(door: Door, secret: str, ids: list[str], known_as: str) -> None:
    for form in ("csv", "parquet"):
        _, content = opened((await ask(door, secret, format=form)).json(), await signing_key_of(door))
        rows = rows_of(form, content)
        assert [each["JLBH"] for each in rows] == ids
        assert (rows[0]["RYBH"], rows[0]["HDLX"], str(rows[0]["SC"])) == (known_as, "环保,志愿", "60")


async def _is_on_record(door: Door, secret: str, times: int, manifest: dict[str, Any]) -> None:
    own = await door.http.get(PROVISIONS, headers=provincial("GET", PROVISIONS, "cockpit", secret))
    every = await door.http.get(PROVISIONS, headers=door.bearer(ADMINISTRATORS[0]), params={"data_set": "attendance"})
    assert own.json() == every.json()
    assert len(own.json()["items"]) == times
    oldest = own.json()["items"][-1]
    assert (oldest["id"], oldest["content_sm3"]) == (manifest["provision_id"], manifest["content_sm3"])
    assert oldest["entry"]["basis"] == ATTENDANCE["basis"]
    kept = await asyncpg.connect(door.database.app)
    for statement in ("DELETE FROM provision", "UPDATE provision SET receiver = 'other'", "TRUNCATE provision"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await kept.execute(statement)
    await kept.close()


async def test_nothing_is_left_out_while_many_write_and_one_reads(ruled: Door) -> None:
    """A transaction that commits late has an earlier place: a reader that followed places alone would pass it."""
    await list_in_catalogue(ruled, "profile", PROFILE)
    entry, database = DataSet.model_validate(PROFILE), Database(ruled.database.app, name="test", pool_size=40)
    writing = asyncio.gather(*(_write_slowly(database, n % 4 / 20) for n in range(32)))
    seen: list[uuid.UUID] = []
    place = (0, 0)
    async with asyncio.timeout(WITHIN_S):
        while len(seen) < 32 * 3:
            async with database.transaction() as session:
                found = await read_records(session, entry, place, 3)
            seen += [record.event_id for record in found]
            place = (found[-1].xid, found[-1].id) if found else place
            await asyncio.sleep(0.005)
    told = [event_id for ids in await writing for event_id in ids]
    await database.close()
    assert (len(seen), set(seen)) == (len(told), set(told))


async def test_who_may_have_what_does_not_change_while_it_is_being_provided(ruled: Door) -> None:
    await government(ruled)
    await list_in_catalogue(ruled, "profile", PROFILE)
    database = Database(ruled.database.app, name="test", pool_size=2)
    for kind, name, hold, after in (
        ("data-set", "profile", hold_data_set, {**PROFILE, "share": "not-shared"}),
        ("application", "cockpit", hold_application, None),
    ):
        change_id = (await propose(ruled, kind, name, after)).json()["id"]
        async with database.transaction() as session:
            await hold(session, name)
            deciding = asyncio.create_task(decide(ruled, change_id))
            await asyncio.sleep(0.5)
            assert not deciding.done()
        assert (await deciding).status_code == 200
    await database.close()


async def _write_slowly(database: Database, pause_s: float) -> list[uuid.UUID]:
    facts = {"type": CommunityProfiled.type, "community_code": HERE, "occurred_at": datetime.now(UTC), "data": {}}
    told = [ExchangeRecord(event_id=uuid.uuid4(), **facts) for _ in range(3)]
    async with database.transaction() as session:
        for record in told:
            session.add(record)
            await session.flush()
            await asyncio.sleep(pause_s)
        return [record.event_id for record in told]


async def test_what_was_provided_from_is_kept_for_three_years(make_database: MakeDatabase) -> None:
    made = await make_database("gateway")
    database, now = Database(made.app, name="test", pool_size=2), datetime.now(UTC)
    facts = {"type": CommunityProfiled.type, "community_code": HERE, "occurred_at": now, "data": {}}
    async with database.transaction() as session:
        for days in (3 * 365 + 1, 3 * 366 + 1):
            received_at = now - timedelta(days=days)
            session.add(ExchangeRecord(event_id=uuid.uuid4(), received_at=received_at, **facts))
    await forget_records(database)
    async with database.transaction() as session:
        [kept] = await session.scalars(select(ExchangeRecord.received_at))
    await database.close()
    assert kept == now - timedelta(days=3 * 365 + 1)
