"""Devices: enrolled once, with a key each; what they tell by HTTP and MQTT counts once, in whatever order it comes."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import jwt
import pytest
from asgi_lifespan import LifespanManager
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from gateway.console.worker import create_app
from gateway.limits import Limit
from tests.gateway.knock import Door
from tests.gateway.ruling import put
from tests.ground import MakeDatabase, identity
from tests.mosquitto import mosquitto

HERE, ELSEWHERE = "330102001051", "330281002015"
DESK = identity("desk:1", ("desk", HERE))
STRANGER = identity("desk:2", ("desk", ELSEWHERE))
DEVICES, EVENTS = "/v1/console/devices", "/v1/console/device-events"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WITHIN_S = 60


@dataclass(frozen=True)
class Enrolled:
    """A device with its key, and the door it knows."""

    door: Door
    id: str
    key: str

    def sign(self, said: dict[str, Any], key: str | None = None) -> str:
        """Sign with the device's key, unless another is given."""
        return jwt.PyJWS().encode(json.dumps(said).encode(), key or self.key, algorithm="HS256")

    async def token(self, **said: Any) -> httpx.Response:  # noqa: ANN401 - any member
        """Ask for an access token."""
        word = self.sign({"device_id": self.id, "at": int(time.time()), **said})
        return await self.door.http.post("/auth/devices/token", json={"device_id": self.id, "signed": word})

    async def tell(self, *events: dict[str, Any], token: str | None = None) -> httpx.Response:
        """Tell by HTTP."""
        bearer = token or (await self.token()).json()["access_token"]
        headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": uuid.uuid4().hex}
        return await self.door.http.post(EVENTS, headers=headers, json={"events": list(events)})

    async def seen(self) -> dict[str, Any]:
        """Return the device as staff see it."""
        page = await self.door.http.get(DEVICES, headers=self.door.bearer(DESK), params={"area": HERE})
        return next(each for each in page.json()["items"] if each["id"] == self.id)

    async def kept(self) -> list[asyncpg.Record]:
        """Return what is kept of what it told, and what the platform was told of it."""
        connection = await asyncpg.connect(self.door.database.admin)
        told = "SELECT count(*) FROM outbox WHERE type = 'gateway.device-event-reported.v1' AND key = $1::text"
        async with connection.transaction(isolation="repeatable_read"):
            outbox = await connection.fetchval(told, self.id)
            rows = await connection.fetch("SELECT * FROM device_event WHERE device_id = $1", uuid.UUID(self.id))
        await connection.close()
        assert outbox == len(rows)
        return list(rows)


def event(minutes: int = 0, kind: str = "status", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any member
    """Make an event so many minutes after noon."""
    status = {"status": "online"} if kind == "status" else {}
    at = (NOON + timedelta(minutes=minutes)).isoformat()
    return {"event_id": str(uuid.uuid4()), "kind": kind, "occurred_at": at, **status, **more}


async def register(door: Door) -> dict[str, str]:
    """Register a bin; returns the device with its code."""
    made = await door.http.post(
        DEVICES,
        headers=door.write(DESK),
        json={"community_code": HERE, "catalogue_id": "smart-bin", "label": "1 号箱"},
    )
    assert made.status_code == 201, made.text
    code: dict[str, str] = made.json()
    return code


@pytest.fixture
async def catalogued(ruled: Door) -> Door:
    """Give a gateway whose catalogue of devices has bins."""
    await put(ruled, "device-type", "smart-bin", {"title": "智能垃圾箱", "kinds": ["full", "opened"]})
    return ruled


async def enrol(door: Door) -> Enrolled:
    """Register and enrol a bin."""
    got = await door.http.post("/auth/devices/enrolment", json={"code": (await register(door))["code"]})
    assert got.status_code == 200, got.text
    return Enrolled(door, got.json()["device_id"], got.json()["key"])


@asynccontextmanager
async def listening(make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, port: int) -> AsyncIterator[None]:
    """Run the gateway's worker on a broker."""
    topics = {name: (await make_database(name)).reader for name in ("points", "scenarios", "operations")}
    monkeypatch.setenv("LINLI_LOG_DATABASES", json.dumps(topics))
    monkeypatch.setenv("LINLI_MQTT", f"mqtt://127.0.0.1:{port}")
    async with LifespanManager(create_app(), startup_timeout=30, shutdown_timeout=30):
        yield


@asynccontextmanager
async def sending(port: int) -> AsyncIterator[Client]:
    """Connect as devices do."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    yield client
    client.disconnect()
    await asyncio.to_thread(client.loop_stop)


async def send(client: Client, device: Enrolled, payload: str) -> None:
    """Publish, and wait until the broker has it."""
    sent = client.publish(f"linli/devices/{device.id}/events", payload, qos=1)
    await asyncio.to_thread(sent.wait_for_publish, 30)


async def come_to(device: Enrolled, count: int) -> list[asyncpg.Record]:
    """Wait until so many events are kept."""
    async with asyncio.timeout(WITHIN_S):
        while len(rows := await device.kept()) < count:  # noqa: ASYNC110 - a broker decides when
            await asyncio.sleep(0.1)
    return rows


@pytest.mark.proves("G19")
async def test_a_code_enrols_one_device_once_however_many_try(catalogued: Door) -> None:
    code = (await register(catalogued))["code"]
    tries = await asyncio.gather(
        *(catalogued.http.post("/auth/devices/enrolment", json={"code": code}) for _ in range(32))
    )
    assert sorted(answer.status_code for answer in tries) == [200] + [403] * 31
    [got] = [answer.json() for answer in tries if answer.status_code == 200]
    device, other = Enrolled(catalogued, got["device_id"], got["key"]), await enrol(catalogued)
    assert (await device.token()).status_code == 200
    assert device.key != other.key
    seen = await device.seen()
    assert (seen["catalogue_id"], seen["status"], seen["retired_at"]) == ("smart-bin", None, None)
    assert seen["enrolled_at"]

    word = other.sign({"device_id": device.id, "at": int(time.time())})
    stolen = await catalogued.http.post("/auth/devices/token", json={"device_id": device.id, "signed": word})
    late, of_another = await device.token(at=int(time.time()) - 600), await device.token(device_id=other.id)
    assert [answer.status_code for answer in (stolen, late, of_another)] == [403] * 3

    path = f"{DEVICES}/{device.id}/code"
    assert (await catalogued.http.post(path, headers=catalogued.write(STRANGER))).status_code == 403
    renewed = (await catalogued.http.post(path, headers=catalogued.write(DESK))).json()["code"]
    assert (await device.token()).status_code == 200
    again = (await catalogued.http.post("/auth/devices/enrolment", json={"code": renewed})).json()
    assert again["device_id"] == device.id
    assert (await device.token()).status_code == 403
    assert (await Enrolled(catalogued, device.id, again["key"]).token()).status_code == 200


@pytest.mark.proves("G19")
async def test_what_a_device_tells_by_http_counts_once_and_late_news_does_not_set_its_status_back(
    catalogued: Door,
) -> None:
    device = await enrol(catalogued)
    fault, full = event(10, status="fault"), event(5, "full", data={"fill": 93})
    first = await device.tell(fault, full, full)
    assert (first.status_code, first.json()) == (200, {"new": 2})
    again = await asyncio.gather(*(device.tell(full, fault, event(-n)) for n in range(32)))
    assert [answer.json()["new"] for answer in again] == [1] * 32
    seen = await device.seen()
    assert (seen["status"], datetime.fromisoformat(seen["status_at"])) == ("fault", NOON + timedelta(minutes=10))
    assert (await device.tell(event(11))).json() == {"new": 1}
    assert (await device.seen())["status"] == "online"
    assert len(await device.kept()) == 35


@pytest.mark.proves("G19")
async def test_what_cannot_be_is_refused_whole_and_a_retired_device_is_heard_no_more(catalogued: Door) -> None:
    device = await enrol(catalogued)
    future = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for bad in (
        event(kind="unknown"),
        event(occurred_at=future),
        event(status=None),
        event(kind="full", status="fault"),
    ):
        refused = await device.tell(event(kind="full"), bad)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "device-event-inadmissible")
    assert (await device.tell(event(data={"x": "y" * 5_000}))).status_code == 422
    assert await device.kept() == []
    missing = {"community_code": HERE, "catalogue_id": "nothing", "label": "x"}
    assert (await catalogued.http.post(DEVICES, headers=catalogued.write(DESK), json=missing)).status_code == 422
    elsewhere = {**missing, "catalogue_id": "smart-bin", "community_code": ELSEWHERE}
    assert (await catalogued.http.post(DEVICES, headers=catalogued.write(DESK), json=elsewhere)).status_code == 403
    token = (await device.token()).json()["access_token"]
    path = f"{DEVICES}/{device.id}/retirement"
    assert (await catalogued.http.post(path, headers=catalogued.write(DESK))).status_code == 200
    assert (await device.tell(event(), token=token)).status_code == 403
    assert (await device.token()).status_code == 403
    assert (
        await catalogued.http.post(f"{DEVICES}/{device.id}/code", headers=catalogued.write(DESK))
    ).status_code == 404
    assert (
        await catalogued.http.post(f"{DEVICES}/{uuid.uuid4()}/code", headers=catalogued.write(DESK))
    ).status_code == 404


async def test_an_address_that_guesses_codes_is_told_to_wait(catalogued: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.sign_on.devices.FAILURES", Limit("device-failures", per_s=0.001, burst=3))
    guesses = [await catalogued.http.post("/auth/devices/enrolment", json={"code": f"guess-{n}"}) for n in range(4)]
    assert [answer.status_code for answer in guesses] == [403, 403, 403, 429]
    assert int(guesses[-1].headers["retry-after"]) > 0
    code = (await register(catalogued))["code"]
    assert (await catalogued.http.post("/auth/devices/enrolment", json={"code": code})).status_code == 429


@pytest.mark.mosquitto
@pytest.mark.proves("G19")
async def test_what_a_device_tells_by_mqtt_counts_once_beside_http_and_only_in_its_own_name(
    catalogued: Door, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    device, other = await enrol(catalogued), await enrol(catalogued)
    fault, old = event(10, status="fault"), event(1)
    async with mosquitto(tmp_path) as port, sending(port) as client:
        async with listening(make_database, monkeypatch, port):
            await asyncio.sleep(2)  # a broker keeps nothing for a session that it has never seen
            for _ in range(3):
                await send(client, device, device.sign(fault))
            await come_to(device, 1)
            assert (await device.tell(fault)).json() == {"new": 0}
            for bad in ("", "not signed", device.sign(event(), key=other.key), device.sign({"kind": "full"})):
                await send(client, device, bad)
            await send(client, device, device.sign(old))
            rows = await come_to(device, 2)
            assert {str(row["event_id"]) for row in rows} == {fault["event_id"], old["event_id"]}
            assert {row["way"] for row in rows} == {"mqtt"}
            assert (await device.seen())["status"] == "fault"
        meanwhile = [event(20 + n) for n in range(5)]
        for each in reversed(meanwhile):
            await send(client, device, device.sign(each))
        async with listening(make_database, monkeypatch, port):
            assert len(await come_to(device, 7)) == 7
    seen = await device.seen()
    assert (seen["status"], datetime.fromisoformat(seen["status_at"])) == ("online", NOON + timedelta(minutes=24))
    assert await other.kept() == []
