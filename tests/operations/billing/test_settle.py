"""Settling periods: delivery, invoice, KPIs and retention."""

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from services.operations.billing.queries import bills, retained, settlements
from services.operations.billing.release_retention import release_retention
from services.operations.billing.rules import (
    AlreadyRecorded,
    KpiUndecided,
    LineUnseen,
    NotMatched,
    Payment,
    RetentionNotDue,
)
from services.operations.billing.settle import Invoice, settle
from services.operations.billing.verify_delivery import Verification, verify_delivery
from services.operations.contracts.queries import require_sealed
from services.operations.contracts.tables import Contract
from services.operations.kpis.dispute import Dispute, DisputeAnswer, answer_dispute, dispute
from services.operations.kpis.measure import measure
from services.operations.kpis.queries import recount, results, verdicts
from services.operations.kpis.rules import evaluate, month_end, ratio_bp
from shared.database import Database
from shared.inbox import Inbox
from tests.ground import ServiceClient
from tests.operations.events import attendance, booking
from tests.operations.ground import (
    DONGJIANG,
    OPERATOR_CODE,
    RESIDENT,
    SHANGCHENG_OFFICIAL,
    YUYAO_OFFICIAL,
    conclude,
    conclude_over_http,
    enlist,
    message,
    register_over_http,
    take_part,
    terms,
)

FEE = {"kind": "fee", "no": 1, "description": "运营服务费", "amount_fen": 1_000_000, "every_months": 1}
KPI = {
    "code": "vitality",
    "name": "活力",
    "formula": "attendances + bookings",
    "target": 4,
    "abatements": [{"below_bp": 10_000, "deduct_bp": 500}, {"below_bp": 5_000, "deduct_bp": 2_000}],
}
LATER = datetime(2027, 3, 1, tzinfo=UTC)


async def contract_of(database: Database, **changes: object) -> Contract:
    await take_part(database, DONGJIANG)
    operator = await enlist(database, OPERATOR_CODE, "operator")
    return await conclude(database, terms(operator, **{"lines": [FEE], "kpis": [], **changes}))


async def deliver(database: Database, contract: Contract, seq: int, share: int = 10_000) -> None:
    async with database.transaction() as session:
        await verify_delivery(session, contract, Verification(1, seq, share, "验收单 12 号", by="staff:lu", now=LATER))


async def try_to_settle(
    database: Database, contract: Contract, seq: int, fen: int, *, number: str = "", now: datetime = LATER
) -> Payment:
    async with database.transaction() as session:
        invoice = Invoice(1, seq, number or f"033002600{seq:03}", fen, by="staff:wang", now=now)
        return await settle(session, contract, invoice)


@pytest.mark.proves("O6")
async def test_a_contract_of_ten_years_from_the_31st_is_billed_delivered_invoiced_and_settled_to_the_fen(
    database: Database,
) -> None:
    fee = {**FEE, "retention_bp": 500}
    contract = await contract_of(database, starts_on="2017-01-31", ends_on="2027-01-15", lines=[fee])
    async with database.transaction() as session:
        due = await bills(session, contract, date(2027, 3, 1), LATER)
        assert not [bill for bill in await bills(session, contract, due[0].period.last, LATER) if bill.period.seq > 0]
    assert [bill.period.seq for bill in due] == list(range(1, 121))
    assert [bill.period.first.isoformat() for bill in due[:4]] == [
        "2017-01-31",
        "2017-02-28",
        "2017-03-31",
        "2017-04-30",
    ]
    assert {bill.due_fen for bill in due[:-1]} == {1_000_000}
    last = due[-1]
    assert (last.period.first, last.period.days, last.period.whole_days) == (date(2026, 12, 31), 16, 31)
    assert last.due_fen == 516_129  # 16/31 of 10,000.00 yuan
    with pytest.raises(NotMatched):
        await try_to_settle(database, contract, 1, 1_000_000)  # nobody has verified a delivery
    await deliver(database, contract, 1, 8_000)
    for wrong in (1_000_000, 800_001, 799_999):
        with pytest.raises(NotMatched):
            await try_to_settle(database, contract, 1, wrong)
    assert await try_to_settle(database, contract, 1, 800_000) == Payment(800_000, 0, 40_000, 760_000)
    await deliver(database, contract, 120)
    assert await try_to_settle(database, contract, 120, 516_129) == Payment(516_129, 0, 25_806, 490_323)
    with pytest.raises(AlreadyRecorded):
        await deliver(database, contract, 1)
    with pytest.raises(LineUnseen):
        await deliver(database, contract, 121)
    async with database.transaction() as session:
        assert await retained(session, contract) == 65_806
        with pytest.raises(RetentionNotDue):
            await release_retention(session, contract, "staff:wang", datetime(2027, 1, 15, 12, tzinfo=UTC))
        assert await release_retention(session, contract, "staff:wang", LATER) == 65_806
        with pytest.raises(RetentionNotDue):
            await release_retention(session, contract, "staff:wang", LATER)


async def test_what_is_settled_after_the_release_keeps_nothing_back(database: Database) -> None:
    contract = await contract_of(database, lines=[{**FEE, "retention_bp": 500}])
    for seq in (1, 2):
        await deliver(database, contract, seq)
    assert await try_to_settle(database, contract, 1, 1_000_000) == Payment(1_000_000, 0, 50_000, 950_000)
    async with database.transaction() as session:
        assert await release_retention(session, contract, "staff:wang", LATER) == 50_000
    assert await try_to_settle(database, contract, 2, 1_000_000) == Payment(1_000_000, 0, 0, 1_000_000)


async def test_of_32_settlements_of_one_period_one_counts(database: Database) -> None:
    contract = await contract_of(database)
    await deliver(database, contract, 1)
    tries = [try_to_settle(database, contract, 1, 1_000_000, number=f"03300260{n:04}") for n in range(32)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, Payment) for one in done) == 1
    assert sum(isinstance(one, AlreadyRecorded) for one in done) == 31


async def test_an_invoice_is_settled_for_one_period_only(database: Database) -> None:
    contract = await contract_of(database)
    for seq in (1, 2):
        await deliver(database, contract, seq)
    await try_to_settle(database, contract, 1, 1_000_000, number="03300260001")
    with pytest.raises(AlreadyRecorded):
        await try_to_settle(database, contract, 2, 1_000_000, number="03300260001")


@pytest.mark.proves("O5")
async def test_a_year_of_events_is_measured_by_itself_disputed_abated_and_settled_as_the_raw_events_say(
    database: Database, inbox: Inbox
) -> None:
    contract = await contract_of(database, kpis=[KPI])
    for month in range(1, 12):  # in December nothing happens
        at = datetime(2026, month, 10, tzinfo=UTC)
        happened = [attendance(at) if n % 2 else booking(at) for n in range(month % 6)]
        if happened:
            await inbox.take([message(event) for event in happened])
    ratios = {month: month % 6 * 2_500 if month % 6 and month < 12 else None for month in range(1, 13)}
    taken = {
        month: None if r is None else 2_000 if r < 5_000 else 500 if r < 10_000 else 0 for month, r in ratios.items()
    }
    for month, ratio in ratios.items():
        await deliver(database, contract, month)
        period = date(2026, month, 1)
        ended = datetime(2026, month, 1, tzinfo=UTC) + timedelta(days=40)
        async with database.transaction() as session:
            holds = await require_sealed(session, contract, month_end(period), LATER)
            await measure(session, contract, period, max(ended, holds.sealed_at))
            stored = (await results(session, contract, period))["vitality"]
            raw = await recount(session, holds, period)
            assert stored.ratio_bp == ratio_bp(evaluate(KPI["formula"], raw), 4) == ratio  # type: ignore[arg-type]
        deduct = taken[month]
        if deduct is None:  # no data is not 100: nobody is paid, nor fined, by silence
            with pytest.raises(KpiUndecided):
                await try_to_settle(database, contract, month, 1_000_000)
        else:
            with pytest.raises(KpiUndecided):  # the result can still be disputed
                await try_to_settle(database, contract, month, 1_000_000, now=max(ended, holds.sealed_at))
            paid = await try_to_settle(database, contract, month, 1_000_000)
            assert (paid.abated, paid.payable) == (deduct * 100, 1_000_000 - deduct * 100)
    await silence_is_decided(database, contract)


async def silence_is_decided(database: Database, contract: Contract) -> None:
    """December has no data: the provider disputes it, an official answers, and what both agree on is settled."""
    december, in_time = date(2026, 12, 1), datetime(2027, 1, 12, tzinfo=UTC)
    async with database.transaction() as session:
        await dispute(session, contract, Dispute(december, "vitality", "传感器故障", by="merchant:x", now=in_time))
        answer = DisputeAnswer(december, "vitality", 7_500, "人工台账核实", by="staff:lu", now=LATER)
        await answer_dispute(session, contract, answer)
        holds = await require_sealed(session, contract, december, LATER)
        assert [(v.ratio, v.final, v.deduct) for v in await verdicts(session, holds, december, LATER)] == [
            (7_500, True, 500)
        ]
    paid = await try_to_settle(database, contract, 12, 1_000_000)
    assert (paid.abated, paid.payable) == (50_000, 950_000)
    async with database.transaction() as session:
        assert len(await settlements(session, contract)) == 11  # June is open: it has no data either, and no dispute


async def test_billing_over_http_and_who_may(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    path = f"/contracts/{await conclude_over_http(api, provider_id, lines=[FEE], kpis=[], starts_on='2025-01-01')}"
    shown = (await api.get(f"{path}/bills", YUYAO_OFFICIAL)).json()
    assert shown[0] == {
        "line_no": 1,
        "seq": 1,
        "first": "2025-01-01",
        "last": "2025-01-31",
        "due_fen": 1_000_000,
        "payable_fen": None,
    }
    delivery = {"line_no": 1, "seq": 1, "delivered_bp": 10_000, "evidence": "验收单 12 号"}
    invoice = {"line_no": 1, "seq": 1, "number": "03300260001", "amount_fen": 1_000_000}
    for who in (SHANGCHENG_OFFICIAL, RESIDENT):
        for tail, body in (("deliveries", delivery), ("settlements", invoice), ("retention-release", None)):
            assert (await api.post(f"{path}/{tail}", who, body)).status_code == 403, tail
        assert (await api.get(f"{path}/bills", who)).status_code == 403
    early = await api.post(f"{path}/settlements", YUYAO_OFFICIAL, invoice)
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "billing-not-matched")
    assert (await api.post(f"{path}/deliveries", YUYAO_OFFICIAL, delivery)).status_code == 201
    paid = await api.post(f"{path}/settlements", YUYAO_OFFICIAL, invoice)
    assert (paid.status_code, paid.json()["payable"]) == (201, 1_000_000)
    assert (await api.get(f"{path}/bills", YUYAO_OFFICIAL)).json()[0]["payable_fen"] == 1_000_000
    assert (await api.post(f"{path}/retention-release", YUYAO_OFFICIAL)).status_code == 409
    assert (await api.get(f"/contracts/{uuid.uuid4()}/bills", YUYAO_OFFICIAL)).status_code == 404
