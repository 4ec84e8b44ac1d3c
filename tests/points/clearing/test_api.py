"""A netting window as officials and communities call it."""

import asyncio
import uuid

import asyncpg
import httpx
import pytest

from services.points.clearing.rules import Payment
from shared.database import Database
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, QINGBO, kind
from tests.points.clearing.netting import spend

MAKER = identity("staff:maker", ("official", "33"))
CHECKER = identity("staff:checker", ("official", "33"))
OPERATOR = identity("staff:operator", ("operator", QINGBO))
NEIGHBOUR = identity("staff:neighbour", ("operator", DONGJIANG))
DISTRICT = identity("staff:district", ("official", "330102"))


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service, where 清波门社区 owes 东江社区 30 points."""
    client = await start_api("points")
    database = Database(client.database.app, name="test")
    async with database.transaction() as session:
        await spend(session, Payment(QINGBO, DONGJIANG, 30))
    await database.close()
    return client


async def do(api: ServiceClient, number: int, step: str) -> httpx.Response:
    return await api.post(f"/clearing/windows/{number}/{step}", MAKER)


async def opened(api: ServiceClient) -> int:
    answer = await api.post("/clearing/windows", MAKER, {"area": "33", "method": "compressed"})
    assert answer.status_code == 201
    return int(answer.json()["number"])


async def at_rest(api: ServiceClient) -> None:
    """Wait until every transaction of the server that began before now has ended."""
    admin = await asyncpg.connect(api.database.admin)
    now = await admin.fetchval("SELECT pg_current_xact_id()")
    while not await admin.fetchval("SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8", now):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await admin.close()


async def test_a_window_goes_from_opening_to_settlement_with_a_file_for_each_community(api: ServiceClient) -> None:
    number = await opened(api)
    await at_rest(api)
    assert [(await do(api, number, step)).status_code for step in ("close", "compute")] == [200, 200]
    for who, code in ((OPERATOR, QINGBO), (NEIGHBOUR, DONGJIANG)):
        body = {"community_code": code}
        assert (await api.post(f"/clearing/windows/{number}/confirmations", who, body)).status_code == 200
    assert (await do(api, number, "settle")).json()["type"].endswith("same-person-settles")
    settled = await api.post(f"/clearing/windows/{number}/settle", CHECKER)
    assert settled.json()["state"] == "settled"
    shown = (await api.get(f"/clearing/windows/{number}", MAKER)).json()
    assert shown["debts"] == shown["payments"] == [{"debtor": QINGBO, "creditor": DONGJIANG, "points": 30}]
    written = await api.get(f"/clearing/windows/{number}/files/{QINGBO}", OPERATOR)
    assert written.headers["content-type"] == "text/csv; charset=utf-8"
    assert written.text.splitlines()[1:] == [
        f"{number},settled,{QINGBO},debt,{DONGJIANG},30",
        f"{number},settled,{QINGBO},payment,{DONGJIANG},30",
        f"{number},settled,{QINGBO},net,clearing-house,30",
    ]
    assert [each["number"] for each in (await api.get("/clearing/windows", MAKER, area="33")).json()] == [number]
    [position] = (await api.get(f"/clearing/positions/{QINGBO}", OPERATOR)).json()
    assert position == {"counterparty": DONGJIANG, "owed": 0, "mirrored": 0, "agrees": True}


async def test_a_second_window_of_the_area_waits_and_an_aborted_one_says_why(api: ServiceClient) -> None:
    number = await opened(api)
    refused = await api.post("/clearing/windows", MAKER, {"area": "3302", "method": "bilateral"})
    assert (refused.status_code, refused.json()["number"]) == (409, number)
    aborted = await api.post(f"/clearing/windows/{number}/abort", CHECKER, {"because": "年终盘点"})
    assert (aborted.json()["state"], aborted.json()["aborted_because"]) == ("aborted", "年终盘点")
    assert (await do(api, number, "close")).status_code == 409
    assert (await do(api, number + 1, "close")).status_code == 404


async def test_who_has_no_authority_over_all_of_the_area_moves_no_window(api: ServiceClient) -> None:
    number = await opened(api)
    path = f"/clearing/windows/{number}"
    assert (await api.post("/clearing/windows", DISTRICT, {"area": "33", "method": "bilateral"})).status_code == 403
    for step, body in (("close", None), ("compute", None), ("settle", None), ("abort", {"because": "x"})):
        assert (await api.post(f"{path}/{step}", DISTRICT, body)).status_code == 403
    body = {"community_code": DONGJIANG}
    assert (await api.post(f"{path}/confirmations", OPERATOR, body)).status_code == 403
    assert (await api.get(f"{path}/files/{DONGJIANG}", OPERATOR)).status_code == 403
    assert (await api.get(path, OPERATOR)).status_code == 403
    assert (await api.get("/clearing/windows", OPERATOR, area="33")).status_code == 403


async def test_a_number_that_no_window_can_have_is_bad_input(api: ServiceClient) -> None:
    path = f"/clearing/windows/{2**63}"
    answers = [await api.get(path, MAKER), await api.post(f"{path}/close", MAKER)]
    assert [kind(answer) for answer in answers] == [(422, "malformed-request")] * 2


async def test_one_key_opens_one_window(api: ServiceClient) -> None:
    key = uuid.uuid4().hex
    body = {"area": "33", "method": "multilateral"}
    answers = await asyncio.gather(*(api.post("/clearing/windows", MAKER, body, key=key) for _ in range(32)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["number"] for answer in answers if answer.status_code == 201}) == 1
