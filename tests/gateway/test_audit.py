"""One record per call, with nothing in it that should not be."""

import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.audit import Audit, Record, leaf_hash
from gateway.seals import Sealer
from gateway.tables import AuditSeal
from shared.database import Database
from tests.gateway.knock import PASSWORD, Door, pem
from tests.gateway.test_authentication import _signed
from tests.ground import MakeDatabase

RECORD = Record("t" * 32, None, None, "GET", None, "/v1/x", 404, "no-such-route", "127.0.0.1", 0.1)


async def test_every_call_leaves_one_record_refused_ones_too(door: Door) -> None:
    me, quotes = "/v1/points/accounts/me", "/v1/points/quotes"
    calls = [
        (await door.http.get(me, headers=door.bearer()), "answered"),
        (await door.http.get(me), "credentials-required"),
        (await door.http.get(me, headers={"Authorization": "Bearer x"}), "bad-token"),
        (await door.http.get(me, headers=_signed(me)), "grant-required"),
        (await door.http.get("/v1/points/integrity", headers=door.bearer()), "role-required"),
        (await door.http.get("/v1/nowhere", headers=door.bearer()), "no-such-route"),
        (await door.http.get("/v1/points/a%2Fb", headers=door.bearer()), "malformed-call"),
        (await door.http.post(quotes, headers=door.bearer()), "idempotency-key-required"),
        (
            await door.http.post(quotes, headers={**door.bearer(), "Idempotency-Key": "short"}),
            "idempotency-key-malformed",
        ),
        (await door.http.post(quotes, headers=door.write(), content=b"{}"), "answered"),
        (await door.http.post("/auth/token", json={"username": "li", "password": "no"}), "bad-password"),
        (await door.http.post("/auth/token", json={"username": "li", "password": PASSWORD}), "answered"),
    ]
    records = door.audit()
    assert [record["outcome"] for record in records] == [outcome for _, outcome in calls]
    assert [record["status"] for record in records] == [answer.status_code for answer, _ in calls]
    assert records[0]["subject"] == records[4]["subject"] == records[-1]["subject"] == "resident:1"
    assert (records[1]["subject"], records[2]["subject"], records[3]["subject"]) == (None, None, "application:bins")
    assert records[0]["route"] == me
    assert {record["address"] for record in records} == {"127.0.0.1"}
    assert calls[4][0].json()["trace_id"] == records[4]["trace_id"]


async def test_a_record_holds_no_body_query_token_or_password(door: Door) -> None:
    headers = {**door.write(), "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    await door.http.post("/v1/points/quotes?phone=13800000000", headers=headers, content=b'{"name":"Wang Fang"}')
    await door.http.post("/auth/token", json={"username": "li", "password": PASSWORD})
    await door.http.post("/auth/token", json={"username": "li", "password": "hunter2hunter2"})
    text = "".join(path.read_text() for path in door.audit_dir.iterdir())
    for secret in ("13800000000", "Wang", headers["Authorization"][7:], PASSWORD, "hunter2"):
        assert secret not in text
    assert "0af7651916cd43dd8448eb211c80319c" in text


async def test_the_record_is_there_when_the_answer_is(door: Door) -> None:
    for count in range(1, 20):
        await door.http.get("/v1/points/accounts/me", headers=door.bearer())
        assert len(door.audit()) == count


def test_records_of_many_writers_never_run_into_each_other(tmp_path: Path) -> None:
    audits = [Audit(tmp_path) for _ in range(4)]
    for audit in audits * 50:
        audit.append(RECORD)
    lines = [line for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert [json.loads(line)["outcome"] for line in lines] == ["no-such-route"] * 200


def test_the_file_is_for_its_owner_only_and_named_after_the_day(tmp_path: Path) -> None:
    Audit(tmp_path / "audit").append(RECORD)
    [path] = (tmp_path / "audit").iterdir()
    assert path.name.startswith(time.strftime("audit-%Y-%m-%d.", time.gmtime()))
    assert (path.stat().st_mode & 0o777, (tmp_path / "audit").stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_record_that_cannot_be_written_stops_writes_until_one_can(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    audit.append(RECORD)
    assert not audit.failing
    os.close(audit._file)
    audit._file = os.open(tmp_path, os.O_RDONLY)
    audit.append(RECORD)
    assert audit.failing
    audit.append(RECORD)
    assert not audit.failing


def test_half_a_record_on_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit, write, room = Audit(tmp_path), os.write, [40]
    audit.append(RECORD)
    with monkeypatch.context() as full:
        full.setattr("gateway.audit.os.write", lambda file, data: write(file, data[: room.pop()]))
        audit.append(RECORD)
    assert audit.failing
    audit.append(RECORD)
    lines = next(tmp_path.iterdir()).read_text().splitlines()
    assert not audit.failing
    assert [json.loads(line)["number"] for line in lines] == [1, 2]
    assert json.loads(lines[1])["before"] == leaf_hash(lines[0].encode()).hex()


def test_the_file_of_yesterday_is_on_the_disk_before_that_of_today_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit, synced = Audit(tmp_path), list[int]()
    audit.append(RECORD)
    yesterday = os.fstat(audit._file).st_ino
    audit._day = date(2026, 1, 1)
    monkeypatch.setattr("gateway.audit.os.fdatasync", lambda file: synced.append(os.fstat(file).st_ino))
    audit.append(RECORD)
    assert synced == [yesterday]


async def test_a_seal_whose_commit_was_done_and_not_answered_is_stored_once(
    tmp_path: Path, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit, database = Audit(tmp_path), Database((await make_database("gateway")).app, name="seals")
    sealer, transaction = Sealer(audit, pem().private, database), database.transaction
    audit.append(RECORD)

    @asynccontextmanager
    async def unanswered() -> AsyncIterator[AsyncSession]:
        async with transaction() as session:
            yield session
        raise ConnectionError

    with monkeypatch.context() as line:
        line.setattr(database, "transaction", unanswered)
        await sealer.seal()
    assert audit.spooled == 1
    audit.append(RECORD)
    await sealer.seal()
    assert audit.spooled == 0
    async with database.transaction() as session:
        assert len((await session.scalars(select(AuditSeal))).all()) == 2
    await database.close()
