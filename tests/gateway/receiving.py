"""A government platform, and what the catalogue lets it have."""

import asyncio
import base64
import csv
import hashlib
import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from arro3.io import read_parquet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from gmssl_pyx import sm2_decrypt, sm2_key_generate
from sqlalchemy import text

from gateway.console.worker import HANDLERS
from shared import sm2
from shared.database import Database
from shared.events import Event
from shared.events.operations import CommunityProfiled
from shared.events.scenarios import AttendanceCompleted
from shared.inbox import Inbox
from shared.log import Message
from tests.gateway.knock import ADMINISTRATORS, Door
from tests.gateway.ruling import application, decide, propose, provincial, put, secret_of

HERE, ELSEWHERE = "330102001051", "330281002015"
DATA_SETS = "/v1/console/data-sets"
PROVISIONS = "/v1/console/provisions"
WITHIN_S = 60
GRANTS = [
    {"operation": f"POST {DATA_SETS}/{{data_set}}/packages", "prefix": "330102"},
    {"operation": f"GET {DATA_SETS}", "prefix": "330102"},
    {"operation": f"GET {PROVISIONS}", "prefix": "330102"},
]
PUBLIC, PRIVATE = sm2_key_generate()
ATTENDANCE = {
    "title": "居民活动参与信息",
    "owner": "上城区民政局",
    "level": "L2",
    "share": "conditional",
    "basis": "浙江省公共数据条例；申请 2026-001",
    "event": AttendanceCompleted.type,
    "prefix": "330102",
    "receivers": ["cockpit"],
    "fields": [
        {"name": "JLBH", "title": "记录编号", "source": "id", "required": True},
        {"name": "HDLX", "title": "活动类型", "source": "activity_kind", "required": True},
        {"name": "RYBH", "title": "人员编号", "source": "resident_id"},
        {"name": "QDSJ", "title": "签到时间", "source": "checked_in_at"},
        {"name": "SC", "title": "时长（分钟）", "source": "minutes"},
        {"name": "CSMC", "title": "场所名称"},
    ],
}
PROFILE = {
    **ATTENDANCE,
    "title": "社区基本信息",
    "level": "L1",
    "share": "unconditional",
    "event": CommunityProfiled.type,
    "receivers": [],
    "fields": [{"name": "RKS", "title": "人口数", "source": "population"}],
}


def attendance(kind: str = "环保,志愿", code: str = HERE, resident: uuid.UUID | None = None) -> AttendanceCompleted:
    """Make what is told of an attendance."""
    at = datetime(2026, 11, 1, 1, 30, tzinfo=UTC)
    return AttendanceCompleted(
        community_code=code,
        attendance_id=uuid.uuid4(),
        activity_id=uuid.uuid4(),
        activity_kind=kind,
        resident_id=resident or uuid.uuid4(),
        resident_community_code=code,
        checked_in_at=at,
        checked_out_at=at + timedelta(hours=1),
        minutes=60,
    )


def profile() -> CommunityProfiled:
    """Make what is told of a community."""
    facts = {"project_type": "rebuilt", "tier": "model", "population": 9000, "households": 3000, "area_m2": 1}
    return CommunityProfiled(community_code=HERE, revision=1, **facts)


async def tell(database: Database, *events: Event) -> list[str]:
    """Let the gateway's worker take events in, as they stand in the log."""
    ids, messages = [str(uuid.uuid4()) for _ in events], []
    for number, (event_id, event) in enumerate(zip(ids, events, strict=True)):
        told = {
            "id": event_id,
            "type": event.type,
            "time": "2026-11-01T02:30:00Z",
            "data": event.model_dump(mode="json"),
        }
        messages.append(Message(event.topic(), event.key, json.dumps(told).encode(), (0, number)))
    await Inbox("gateway", database, HANDLERS).take(messages)
    await _can_be_read(database)
    return ids


async def _can_be_read(database: Database) -> None:
    """Wait until no older transaction is under way, in whichever database of the server: until then no row is read."""
    newest = "SELECT coalesce(max(xid::text::bigint), 0) FROM exchange_record"
    settled = text(f"SELECT ({newest}) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    async with asyncio.timeout(WITHIN_S):
        while True:
            async with database.autocommit() as connection:
                if await connection.scalar(settled):
                    return
            await asyncio.sleep(0.01)


async def government(door: Door, name: str = "cockpit", **changed: Any) -> str:  # noqa: ANN401 - any member
    """Register a government platform; returns its secret."""
    document = application(kind="government", grants=GRANTS, sm2_key=PUBLIC.hex(), **changed)
    await put(door, "application", name, document)
    return await secret_of(door, name)


async def list_in_catalogue(door: Door, name: str, document: dict[str, Any]) -> None:
    """Let both put an entry in the catalogue; the console reads it as it stands."""
    proposed = await propose(door, "data-set", name, document)
    assert (await decide(door, proposed.json()["id"])).status_code == 200


async def ask(door: Door, secret: str, name: str = "cockpit", of: str = "attendance", **body: object) -> httpx.Response:
    """Ask for a package."""
    path = f"{DATA_SETS}/{of}/packages"
    headers = {**provincial("POST", path, name, secret), "Idempotency-Key": uuid.uuid4().hex}
    return await door.http.post(path, headers=headers, json={"format": "jsonl", **body})


def opened(package: dict[str, str], signing_key: str) -> tuple[dict[str, Any], bytes]:
    """Verify and decrypt a package as a receiver does, who has the standards and our README."""
    assert sm2.fits(signing_key, package["manifest"], package["signature"])
    key = sm2_decrypt(PRIVATE, base64.b64decode(package["content_key"]))
    encrypted = base64.b64decode(package["content"])
    mode = modes.GCM(base64.b64decode(package["nonce"]), encrypted[-16:])
    decryptor = Cipher(algorithms.SM4(key), mode).decryptor()
    decryptor.authenticate_additional_data(package["manifest"].encode())
    content = decryptor.update(encrypted[:-16]) + decryptor.finalize()
    manifest: dict[str, Any] = json.loads(package["manifest"])
    assert hashlib.new("sm3", content).hexdigest() == manifest["content_sm3"]
    return manifest, content


async def signing_key_of(door: Door) -> str:
    """Return the key that packages are signed with."""
    answer = await door.http.get(DATA_SETS, headers=door.bearer(ADMINISTRATORS[0]))
    key: str = answer.json()["signing_key"]
    return key


def rows_of(form: str, content: bytes) -> list[dict[str, Any]]:
    """Read a file as its receiver does."""
    if form == "csv":
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    table = read_parquet(io.BytesIO(content)).read_all()
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
