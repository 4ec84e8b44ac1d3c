"""A resident whom all services know, in a whole platform whose log is read when a test says so."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx

from gateway.console.privacy_requests.erase import erase as erase_in_gateway
from gateway.console.privacy_requests.erase import note_done
from gateway.console.worker import HANDLERS as GATEWAY
from services.operations.erasures import consumers as operations
from services.operations.worker import HANDLERS as OPERATIONS
from services.points.erasures import consumers as points
from services.points.worker import HANDLERS as POINTS
from services.scenarios.erasures import consumers as scenarios
from services.scenarios.erasures.erase import erase as erase_in_scenarios
from services.scenarios.worker import HANDLERS as SCENARIOS
from shared.database import Database
from shared.erasure import erase_due
from shared.identity import Identity
from shared.inbox import Inbox
from shared.log import Message
from shared.outbox import Outgoing, Position, read_committed
from tests.gateway.knock import Door
from tests.ground import ServiceDatabase, identity

HERE, ELSEWHERE = "330102001051", "330281002015"
RESIDENT_ID = uuid.UUID("0c5e2b7a-4d1f-4c7e-9a53-6a1f0b2c3d4e")
RESIDENT = identity(f"resident:{RESIDENT_ID}", ("resident", HERE))
OTHER = identity(f"resident:{uuid.uuid4()}", ("resident", HERE))
DESK, SECOND = (identity(f"staff:{name}", ("desk", HERE)) for name in ("li", "wang"))
FAR_DESK = identity("staff:he", ("desk", ELSEWHERE))
CONSENT = {"form": "signed", "reference": "登记表 2027-118"}
REQUESTS, CONSENTS, PURPOSES = "/v1/console/privacy-requests", "/v1/console/consents", "/v1/console/purposes"
OWN = {"community_code": HERE, "resident_id": str(RESIDENT_ID), "channel": "app"}
AT_DESK = {**OWN, "channel": "desk", "consent": CONSENT}
BOOKS = {
    *("account", "transfer", "hold", "deed", "pending_deed", "erasure", "proposal", "assisted_act", "conversion"),
    *("quote", "redemption", "payment", "voucher", "crossing", "dispute", "account_freeze", "screening"),
}
"""Of points: the book, and the records that say why it is as it is."""
SAID = "家住清波街12号，电话请打给我"


async def post(door: Door, path: str, who: Identity, body: object) -> httpx.Response:
    return await door.http.post(path, headers=door.write(who), json=body)


async def get(door: Door, path: str, who: Identity) -> Any:  # noqa: ANN401 - JSON
    answer = await door.http.get(path, headers=door.bearer(who))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(door: Door, path: str, who: Identity, body: object) -> str:
    answer = await post(door, path, who, body)
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["type"]).rpartition("/")[2]


class World:
    """All databases, and the log between them, which is read when a test says so."""

    def __init__(self, door: Door, databases: dict[str, ServiceDatabase]) -> None:
        self.door = door
        self.admin = {name: each.admin for name, each in databases.items()} | {"gateway": door.database.admin}
        apps = {name: each.app for name, each in databases.items()} | {"gateway": door.database.app}
        self.of = {name: Database(url, name="test", pool_size=4) for name, url in apps.items()}
        handlers = {"points": POINTS, "scenarios": SCENARIOS, "operations": OPERATIONS, "gateway": GATEWAY}
        self.inboxes = {name: Inbox(name, self.of[name], handlers[name]) for name in self.of}

    async def pass_events(self, *, to: tuple[str, ...] = ("points", "scenarios", "operations", "gateway")) -> None:
        """Give all that was told so far to all that take it in, from the beginning, as a log that is read anew."""
        for topic, database in self.of.items():
            async with database.autocommit() as connection:
                there = (await connection.exec_driver_sql("SELECT count(*) FROM outbox")).scalar()
                told: Sequence[Outgoing] = ()
                while len(told) != there:  # others work on the same server: what is new is seen when they are done
                    told = await read_committed(connection, topic, Position(), 10_000)
            messages = [Message(topic, one.key, one.value, (one.position.xid, one.position.id)) for one in told]
            for name in to:
                await self.inboxes[name].take(messages)

    async def erase(self, now: datetime | None = None) -> None:
        """Do what the workers do."""
        at = now or datetime.now(UTC)
        await erase_due(self.of["points"], points.erase_asked, points.tell_erased, at)
        await erase_due(self.of["scenarios"], erase_in_scenarios, scenarios.tell_erased, at)
        await erase_due(self.of["operations"], operations.erase_asked, operations.tell_erased, at)
        await self.pass_events(to=("gateway",))
        await erase_due(self.of["gateway"], erase_in_gateway, note_done, at)

    async def put(self, name: str, table: str, **values: Any) -> None:  # noqa: ANN401 - any column
        """Write a row as it is, without what it points to."""
        admin, names = await asyncpg.connect(self.admin[name]), ", ".join(values)
        await admin.execute("SET session_replication_role = replica")
        row = f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::{table}, $1)"  # noqa: S608
        await admin.execute(row, json.dumps(values, default=str))
        await admin.close()

    async def naming(self, *needles: str) -> dict[str, set[str]]:
        """Return the tables of each service in whose rows a text stands."""
        found: dict[str, set[str]] = {}
        for name, url in self.admin.items():
            admin = await asyncpg.connect(url)
            tables = [r[0] for r in await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
            for table in tables:
                rows = "\n".join(r[0] for r in await admin.fetch(f'SELECT t::text FROM "{table}" AS t'))  # noqa: S608
                spelt = [spelling for each in needles for spelling in (each, each.encode().hex())]
                if any(each in rows for each in spelt):
                    found.setdefault(name, set()).add(table)
            await admin.close()
        return found

    async def age(self) -> None:
        """Let the time pass for which the log, and the answers to requests, are kept."""
        for url in self.admin.values():
            admin = await asyncpg.connect(url)
            await admin.execute("DELETE FROM outbox; DELETE FROM idempotency")
            await admin.close()


THING, BY = uuid.uuid4(), f"resident:{RESIDENT_ID}"
AT, LATER = "2026-11-01T08:00:00Z", "2026-11-01T10:00:00Z"
RESIDENTS = {"community_code": HERE, "resident_id": RESIDENT_ID}
ITSELF = {"channel": "app", "given_by": BY}
HELPED = {"channel": "desk", "given_by": "staff:li", "consent": CONSENT}
SEAT, VOTE, ROUND = ({**RESIDENTS, key: THING} for key in ("activity_id", "motion_id", "round_id"))
PUBLISHED = {"community_code": HERE, "id": THING, "published_by": "staff:li", "title": "清洁楼道"}
ROWS: list[tuple[str, dict[str, Any]]] = [
    ("activity", {**PUBLISHED, "kind": "volunteering", "capacity": 9, "starts_at": AT, "ends_at": LATER, "code": "1"}),
    ("motion", {**PUBLISHED, "description": ""}),
    ("sign_up", {**SEAT, **HELPED, "resident_community_code": HERE, "state": "missed"}),
    ("withdrawal", {**SEAT, **ITSELF, "party_size": 1, "withdrawn_at": AT}),
    ("check_in", {**SEAT, **ITSELF, "checked_in_at": AT}),
    ("check_out", {**SEAT, **ITSELF, "checked_in_at": AT, "checked_out_at": AT, "minutes": 0}),
    ("no_show", {**SEAT, "missed_at": AT, "appeal": SAID, "appealed_at": AT}),
    ("elector", {**VOTE, "area_dm2": 900}),
    ("turnout", {**VOTE, **ITSELF, "voted_at": AT}),
    ("round_application", {**ROUND, **ITSELF, "category": "general", "choices": [1], "applied_at": AT}),
    ("round_allotment", {**ROUND, "ticket": "0", "slot": 1, "reasons": []}),
    ("round_booking", {**ROUND, "left_out": 0, "refused_because": "full", "booked_at": AT}),
    ("household_member", {**RESIDENTS, "household_id": RESIDENT_ID, "entered_by": "staff:li"}),
    ("age_band", {**RESIDENTS, "band": "80+"}),
    (
        "response",
        {**RESIDENTS, **ITSELF, "survey_id": THING, "household_id": RESIDENT_ID, "stratum": "a", "answers": {"q": 5}}
        | {"responded_at": AT},
    ),
    (
        "contribution",
        {**VOTE, **ITSELF, "stage": "wishes", "text": SAID, "evidence": {"photo": SAID}, "contributed_at": AT}
        | {"answer_due_at": AT},
    ),
    ("exemption", {**RESIDENTS, "until": AT, "reference": SAID, "given_by": "staff:li"}),
    (
        "emergency_task",
        {"community_code": HERE, "emergency_id": THING, "kind": "care-visit", "subject": RESIDENT_ID, "quantity": 1}
        | {"due_at": AT},
    ),
    ("visit", {**RESIDENTS, "space_id": THING, "people": 1, "visited_at": AT, "noted_by": "staff:li"}),
]
"""Of scenarios: rows in all tables whose keys name a resident, and in others that name one in their own ways."""
WITH_ID = {"withdrawal", "no_show", "contribution", "emergency_task", "visit"}
TRACE = {**RESIDENTS, "activity_id": THING, "came_at": AT, "left_at": AT}


async def live_here(world: World) -> None:
    """Let the resident be known to all: a report, points, a consent, a correction, and rows of each kind."""
    door = world.door
    report = {**OWN, "kind": "lighting", "place": SAID, "text": SAID}
    for path, body in (
        ("/v1/scenarios/reports", report),
        (REQUESTS, {**OWN, "kind": "correction", "what": SAID}),
    ):
        answer = await post(door, path, RESIDENT, body)
        assert answer.status_code == 201, answer.text
    for table, row in ROWS:
        await world.put("scenarios", table, **{"id": uuid.uuid4(), **row} if table in WITH_ID else row)
    await world.put("operations", "attendance_trace", **TRACE, attendance_id=uuid.uuid4())
    own = {"owner": BY, "kind": "resident", "asset_class": "service", "floor": 0, "balance": 0}
    await world.put("points", "account", community_code=HERE, account_id=uuid.uuid4(), **own)
    message = {"id": uuid.uuid4(), "event_id": uuid.uuid4(), "body": json.dumps({"resident_id": str(RESIDENT_ID)})}
    await world.put("gateway", "delivery", **message, subscription="s", application="a", type="x")
