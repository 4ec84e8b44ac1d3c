"""Tenders and contracts as open data, by the standard's own schemas and its own reviewer."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.operations.billing.settle import Invoice, settle
from services.operations.billing.verify_delivery import Verification, verify_delivery
from services.operations.contracts.amend import Amendment, amend
from services.operations.contracts.tables import Contract
from services.operations.kpis.measure import measure
from services.operations.tenders.award import award
from services.operations.tenders.bid import Bid, bid
from services.operations.tenders.open_tender import Opening, open_tender
from services.operations.tenders.rules import commitment_of
from services.operations.tenders.seal_ballot import declare_ballot, open_ballot, seal_ballot
from services.operations.worker import HANDLERS
from shared.database import Database
from shared.inbox import Inbox
from tests.ground import ServiceClient
from tests.operations.disclosures.ocds import assert_sound, schema_errors
from tests.operations.events import booking
from tests.operations.ground import (
    DONGJIANG,
    MERCHANT_CODE,
    NOW,
    OPERATOR_CODE,
    RESIDENT,
    YUYAO_OFFICIAL,
    conclude,
    enlist,
    message,
    sign_all,
    take_part,
    terms,
)

LATER = datetime(2027, 3, 1, tzinfo=UTC)
JURY = ("staff:a", "staff:b", "staff:c")


@pytest.fixture
async def database(api: ServiceClient) -> AsyncIterator[Database]:
    """Open the database that the API stands on."""
    opened = Database(api.database.app, name="test")
    yield opened
    await opened.close()


async def published(api: ServiceClient, kind: str, area: str = "330281", **asked: str | int) -> dict[str, Any]:
    answer = await api.get(f"/open-contracting/{area}/{kind}", RESIDENT, **asked)
    assert answer.status_code == 200, answer.text
    package: dict[str, Any] = answer.json()
    return package


LINES: list[dict[str, Any]] = [
    {"kind": "fee", "no": 1, "description": "运营服务费", "amount_fen": 1_000_050, "every_months": 1},
    {"kind": "subsidy", "no": 2, "description": "开办补助", "amount_fen": 5_000_000},
    {"kind": "revenue_share", "no": 3, "description": "收益分成", "share_bp": 1_000},
    {"kind": "deposit", "no": 4, "description": "履约保证金", "amount_fen": 100_000},
    {"kind": "price_cap", "no": 5, "description": "老年餐限价", "unit": "份", "cap_fen": 1_250},
    {
        "kind": "space_for_service",
        "no": 6,
        "description": "以场地换服务",
        "space_id": uuid.UUID(int=9),
        "rent_fen_per_month": 100_000,
        "corridor_bp": 1_000,
        "services": [{"code": "早餐", "unit_price_fen": 500}],
    },
]
KPI = {"code": "bookings", "name": "空间预约", "formula": "bookings", "target": 4}


async def work_and_pay(database: Database, contract: Contract) -> None:
    """Two bookings of four in January: half the target, a tenth is taken off; nothing in February."""
    await Inbox("operations", database, HANDLERS).take(
        [message(booking(datetime(2026, 1, day, tzinfo=UTC))) for day in (5, 6)]
    )
    async with database.transaction() as session:
        for month in (1, 2):
            await measure(session, contract, date(2026, month, 1), NOW)
        await verify_delivery(session, contract, Verification(1, 1, 10_000, "验收单 12 号", by="staff:lu", now=LATER))
        await settle(session, contract, Invoice(1, 1, "03300260001", 1_000_050, by="staff:wang", now=LATER))


@pytest.mark.proves("O20")
async def test_a_contract_with_all_its_lines_versions_payments_and_its_end_passes(
    api: ServiceClient, database: Database, tmp_path: Path
) -> None:
    await take_part(database, DONGJIANG)
    operator = await enlist(database, OPERATOR_CODE, "operator")
    abated = {**KPI, "abatements": [{"below_bp": 10_000, "deduct_bp": 1_000}]}
    agreed = terms(operator, lines=LINES, kpis=[abated])
    contract = await conclude(database, agreed)
    await work_and_pay(database, contract)
    async with database.transaction() as session:
        changed = agreed.model_copy(update={"title": "运营合同（补充协议）"})
        first = date(2026, 12, 1)
        change = Amendment(
            kind="amendment", terms=changed, valid_from=first, reason="名称变更", by="staff:wang", now=NOW
        )
        await amend(session, contract, change)
        await sign_all(session, contract, NOW + timedelta(hours=1))
    ended = {"state": "terminated", "reason": "双方协商解除"}
    assert (await api.post(f"/contracts/{contract.id}/state", YUYAO_OFFICIAL, ended)).status_code == 201
    package = await published(api, "contracts")
    tags = [release["tag"] for release in package["releases"]]
    assert tags == [["award", "contract"], ["contractAmendment"], ["implementation"], ["contractTermination"]]
    signed, amended, done, over = (release["contracts"][0] for release in package["releases"])
    assert signed["value"] == {"amount": 170_006, "currency": "CNY"}
    assert signed["finance"][0]["value"] == {"amount": 50_000, "currency": "CNY"}
    assert signed["tariffs"][0]["value"] == {"amount": 12.5, "currency": "CNY"}
    assert amended["amendments"][0]["rationale"] == "名称变更"
    [paid] = done["implementation"]["transactions"]
    assert paid["value"] == {"amount": 9_000.45, "currency": "CNY"}
    january, february = done["implementation"]["metrics"][0]["observations"]
    assert (january["measure"], february["notes"]) == (2, "无数据 no data")
    assert (over["status"], over["description"]) == ("terminated", "双方协商解除")
    assert_sound(package, tmp_path)


@pytest.mark.proves("O20")
async def test_a_tender_that_is_open_and_one_that_was_won_pass(
    api: ServiceClient, database: Database, tmp_path: Path
) -> None:
    await take_part(database, DONGJIANG)
    bidders = [await enlist(database, code, "operator") for code in (OPERATOR_CODE, MERCHANT_CODE)]
    deadline, after = NOW + timedelta(days=7), NOW + timedelta(days=8)
    weights = {"price": 4_000, "service": 6_000}
    scores = {str(one): {"price": 50, "service": 50 + n} for n, one in enumerate(bidders)}
    async with database.transaction() as session:
        asked = Opening(DONGJIANG, "老年食堂运营", "service", (), 10**8, weights, deadline, "staff:wang", NOW)
        await open_tender(session, asked)
        tender = await open_tender(session, asked)
        for n, one in enumerate(bidders):
            await bid(session, tender, Bid(one, 9 * 10**7 + n, "方案", by="staff:wang", now=NOW))
        for who in JURY:
            await declare_ballot(session, tender, who, [], NOW)
            await seal_ballot(session, tender, who, commitment_of(tender.id, who, scores, "n"), after)
        for who in JURY:
            await open_ballot(session, tender, who, (scores, "n"), after)
        await award(session, tender, "staff:wang", after)
    package = await published(api, "tenders")
    assert [release["tag"] for release in package["releases"]] == [["tender"], ["tender"], ["award"]]
    assert all("tenderers" not in release["tender"] for release in package["releases"][:2])
    [won] = package["releases"][2]["awards"]
    assert won["value"] == {"amount": 900_000.01, "currency": "CNY"}
    assert won["preferredBidders"][0]["id"] == f"CN-USCC-{MERCHANT_CODE}"
    assert_sound(package, tmp_path)


async def test_pages_follow_each_other_and_only_what_is_sealed_is_published(
    api: ServiceClient, database: Database
) -> None:
    await take_part(database, DONGJIANG)
    operator = await enlist(database, OPERATOR_CODE, "operator")
    for _ in range(3):
        await conclude(database, terms(operator))
    drawn = {"community_code": DONGJIANG, "terms": terms(operator).model_dump(mode="json")}
    assert (await api.post("/contracts", YUYAO_OFFICIAL, drawn)).status_code == 201
    found, path = [], "/open-contracting/330281/contracts?page_size=2"
    while path:
        answer = await api.http.get(path, headers=api.headers(RESIDENT))
        found += [release["ocid"] for release in answer.json()["releases"]]
        link = answer.headers.get("Link", "")
        path = "/open-contracting/330281/" + link[1 : link.index(">")] if link else ""
    assert len(found) == len(set(found)) == 3
    assert (await published(api, "contracts", "330102"))["releases"] == []
    bad = await api.get("/open-contracting/330281/contracts", RESIDENT, cursor="x")
    assert (bad.status_code, bad.json()["type"].rpartition("/")[2]) == (422, "bad-cursor")


def test_the_schemas_find_what_is_wrong() -> None:
    about = {"uri": "urn:x:1", "version": "1.1", "publishedDate": "2026-01-01T00:00:00Z", "publisher": {"name": "x"}}
    release = {"ocid": "ocds-000000-1", "id": "1", "date": "2026-01-01T00:00:00Z", "tag": ["award"]}
    wrong = {**release, "initiationType": "tender", "awards": [{"id": "1", "suppliers": [{"id": "1"}]}]}
    assert len(schema_errors({**about, "releases": [wrong]})) == 1
    assert len(schema_errors({**about, "releases": [wrong]}, closed=True)) == 2
