"""KPIs are measured from the events of scenes and points."""

import asyncio
import random
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.queries import find_all, require_sealed
from services.operations.contracts.tables import Contract
from services.operations.kpis.dispute import Dispute, DisputeAnswer, answer_dispute, dispute
from services.operations.kpis.measure import measure
from services.operations.kpis.measure_due import measure_due
from services.operations.kpis.queries import average_ratio, recount, results, tallies, verdicts
from services.operations.kpis.rules import DisputeUnseen, DisputeWindowClosed, KpiUnseen, evaluate, month_end, ratio_bp
from services.operations.kpis.tables import KpiEvidence, KpiResult
from services.operations.worker import measure_kpis
from shared.database import Database
from shared.events import Event
from shared.inbox import DeadLetter, Inbox
from tests.ground import ServiceClient
from tests.operations.events import attendance, booking, redemption
from tests.operations.ground import (
    DONGJIANG,
    MERCHANT_CODE,
    OPERATOR_CODE,
    OTHER_MERCHANT_CODE,
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

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
AFTER = datetime(2027, 1, 3, tzinfo=UTC)
MONTHS = [date(2026, month, 1) for month in range(1, 13)]
KPIS = [
    {"code": "bookings", "name": "空间预约", "formula": "bookings", "target": 20},
    {
        "code": "vitality",
        "name": "活力",
        "formula": "(attendances + 2 * bookings) / max(redemptions, 1)",
        "target": 3,
        "abatements": [{"below_bp": 10_000, "deduct_bp": 300}],
    },
    {"code": "points", "name": "兑换积分", "formula": "points_redeemed", "target": 400},
]


def happening(chance: random.Random, merchants: list[uuid.UUID]) -> Event:
    at = NEW_YEAR + timedelta(minutes=chance.randrange(365 * 24 * 60))
    return chance.choice([redemption(chance.choice(merchants), chance.randint(1, 50), at), attendance(at), booking(at)])


async def a_year(database: Database, inbox: Inbox) -> list[Contract]:
    """Let a year of events happen under two contracts, one of them of a merchant that counts its own."""
    chance = random.Random(20261122)  # noqa: S311 - the same story each run
    await take_part(database, DONGJIANG)
    merchants = [await enlist(database, code, "merchant") for code in (MERCHANT_CODE, OTHER_MERCHANT_CODE)]
    operator = await enlist(database, OPERATOR_CODE, "operator")
    contracts = [await conclude(database, terms(of, kpis=KPIS)) for of in (operator, merchants[0])]
    events = [message(happening(chance, merchants)) for _ in range(1_000)]
    for start in range(0, len(events), 100):
        await inbox.take(events[start : start + 100])
        await inbox.take(chance.sample(events, 20))  # the log may hand out again what it has handed out
    return contracts


async def test_over_a_year_what_is_recomputed_from_the_events_is_what_is_stored(
    database: Database, inbox: Inbox
) -> None:
    contracts = await a_year(database, inbox)
    measured = 0
    async with database.transaction() as session:
        for contract in contracts:
            for period in MONTHS:
                measured += await measure(session, contract, period, AFTER)
                assert await measure(session, contract, period, AFTER) == 0
                stored = await results(session, contract, period)
                holds = await require_sealed(session, contract, month_end(period), AFTER)
                raw = await recount(session, holds, period)
                assert raw == await tallies(session, holds, period)
                for kpi in holds.terms.kpis:
                    value = evaluate(kpi.formula, raw)
                    row = stored[kpi.code]
                    assert (row.numerator, row.denominator) == (value.numerator, value.denominator) if value else None
                    assert row.ratio_bp == ratio_bp(value, kpi.target)
        assert measured == 2 * 12 * 3
        assert await session.scalar(select(func.count()).select_from(KpiEvidence)) == 1_000
        own, all_of_them = [(await results(session, c, MONTHS[5]))["points"].numerator for c in contracts[::-1]]
        assert own is not None
        assert all_of_them is not None
        assert own < all_of_them


async def test_no_data_has_no_value_and_late_events_count_until_the_result_is_final(
    database: Database, inbox: Inbox
) -> None:
    await take_part(database, DONGJIANG)
    contract = await conclude(database, terms(await enlist(database, OPERATOR_CODE, "operator"), kpis=KPIS))
    november, at = date(2026, 11, 1), datetime(2026, 11, 20, tzinfo=UTC)
    first = datetime(2026, 12, 1, tzinfo=UTC)
    async with database.transaction() as session:
        [key] = await find_all(session)
        assert await measure_due(session, key, first) == 6  # October and November
        assert [row.ratio_bp for row in (await results(session, contract, november)).values()] == [None] * 3
        assert await average_ratio(session, contract) is None
    await inbox.take([message(booking(at))])
    async with database.transaction() as session:
        assert await measure(session, contract, november, first + timedelta(days=1)) == 2
        result = (await results(session, contract, november))["bookings"]
        assert (result.revision, result.ratio_bp, result.inputs) == (2, 500, {"bookings": 1})
        assert await average_ratio(session, contract) == (500 + 6_666) // 2
    await inbox.take([message(booking(at))])
    async with database.transaction() as session:
        assert await measure(session, contract, november, first + timedelta(days=17)) == 0
        assert await measure(session, contract, date(2027, 1, 1), AFTER) == 0  # after the contract's end


async def test_a_dispute_is_filed_within_15_days_and_its_answer_is_what_counts(
    database: Database, inbox: Inbox
) -> None:
    await take_part(database, DONGJIANG)
    contract = await conclude(database, terms(await enlist(database, OPERATOR_CODE, "operator"), kpis=KPIS[:1]))
    november, first = date(2026, 11, 1), datetime(2026, 12, 1, tzinfo=UTC)
    await inbox.take([message(booking(datetime(2026, 11, 20, tzinfo=UTC)))])
    complaint = Dispute(november, "bookings", "系统停机两日", by="merchant:x", now=first + timedelta(days=15))
    answer = DisputeAnswer(november, "bookings", 10_000, "停机属实", by="staff:lu", now=first + timedelta(days=20))
    async with database.transaction() as session:
        holds = await require_sealed(session, contract, november, first)
        with pytest.raises(KpiUnseen):
            await dispute(session, contract, complaint)
        with pytest.raises(KpiUnseen):
            await verdicts(session, holds, november, first)
        await measure(session, contract, november, first)
        with pytest.raises(DisputeUnseen):
            await answer_dispute(session, contract, answer)
        late = Dispute(november, "bookings", "系统停机两日", by="merchant:x", now=first + timedelta(days=16))
        with pytest.raises(DisputeWindowClosed):
            await dispute(session, contract, late)
        assert [(v.ratio, v.final) for v in await verdicts(session, holds, november, first)] == [(500, False)]
        assert [v.final for v in await verdicts(session, holds, november, first + timedelta(days=16))] == [True]
        await dispute(session, contract, complaint)
        with pytest.raises(DisputeWindowClosed):
            await dispute(session, contract, complaint)
        assert [v.final for v in await verdicts(session, holds, november, first + timedelta(days=16))] == [False]
        await answer_dispute(session, contract, answer)
        assert [(v.ratio, v.final) for v in await verdicts(session, holds, november, first)] == [(10_000, True)]
        assert await average_ratio(session, contract) == 10_000  # what a renewal is weighed by


async def test_32_measurings_at_once_leave_one_result(database: Database, inbox: Inbox) -> None:
    await take_part(database, DONGJIANG)
    contract = await conclude(database, terms(await enlist(database, OPERATOR_CODE, "operator"), kpis=KPIS[:1]))
    await inbox.take([message(booking(datetime(2026, 11, 20, tzinfo=UTC)))])

    async def attempt() -> int:
        async with database.transaction() as session:
            return await measure(session, contract, date(2026, 11, 1), AFTER)

    assert sum(await asyncio.gather(*(attempt() for _ in range(32)))) == 1
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(KpiResult)) == 1


async def test_a_contract_that_cannot_be_measured_keeps_no_other_from_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take_part(database, DONGJIANG)
    operators = [await enlist(database, code, "operator") for code in (OPERATOR_CODE, MERCHANT_CODE)]
    bad, good = [await conclude(database, terms(of, kpis=KPIS[:1], ends_on="2099-12-31")) for of in operators]

    async def tried(session: AsyncSession, contract: Contract, period: date, now: datetime) -> int:
        if contract.id == bad.id:
            raise RuntimeError
        return await measure(session, contract, period, now)

    monkeypatch.setattr("services.operations.kpis.measure_due.measure", tried)
    with pytest.raises(ExceptionGroup):
        await measure_kpis(database)
    async with database.transaction() as session:
        measured = await session.scalars(select(KpiResult.contract_id).distinct())
        assert measured.all() == [good.id]


async def test_a_value_that_no_store_holds_is_none_and_its_month_is_measured(database: Database, inbox: Inbox) -> None:
    await take_part(database, DONGJIANG)
    huge = {**KPIS[0], "code": "huge", "formula": f"bookings * {2**63}"}
    contract = await conclude(database, terms(await enlist(database, OPERATOR_CODE, "operator"), kpis=[huge, KPIS[0]]))
    await inbox.take([message(booking(datetime(2026, 11, 20, tzinfo=UTC)))])
    november = date(2026, 11, 1)
    async with database.transaction() as session:
        assert await measure(session, contract, november, AFTER) == 2
        found = await results(session, contract, november)
    assert (found["huge"].ratio_bp, found["bookings"].ratio_bp) == (None, 500)


async def test_an_event_that_cannot_be_counted_is_buried_and_the_rest_counts(database: Database, inbox: Inbox) -> None:
    await take_part(database, DONGJIANG)
    merchant = await enlist(database, MERCHANT_CODE, "merchant")
    bad = redemption(merchant, 10).model_copy(update={"points": -1})
    await inbox.take([message(bad), message(redemption(merchant, 7))])
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(DeadLetter)) == 1
        assert await session.scalar(text("SELECT amount FROM kpi_tally")) == 7


async def test_kpis_show_live_and_are_disputed_over_http(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    path = f"/contracts/{await conclude_over_http(api, provider_id, kpis=KPIS)}/kpis/2026-11"
    shown = (await api.get(path, YUYAO_OFFICIAL)).json()
    assert [(kpi["code"], kpi["ratio_bp"], kpi["state"], kpi["measured_at"]) for kpi in shown] == [
        ("bookings", None, "no_data", None),
        ("vitality", None, "no_data", None),
        ("points", None, "no_data", None),
    ]
    complaint = {"code": "bookings", "grounds": "系统停机两日"}
    assert (await api.post(f"{path}/disputes", YUYAO_OFFICIAL, complaint)).status_code == 404
    answer = {"code": "bookings", "agreed_ratio_bp": 10_000, "reason": "停机属实"}
    assert (await api.post(f"{path}/disputes/answers", YUYAO_OFFICIAL, answer)).status_code == 404
    for who in (SHANGCHENG_OFFICIAL, RESIDENT):
        assert (await api.post(f"{path}/disputes", who, complaint)).status_code == 403
        assert (await api.post(f"{path}/disputes/answers", who, answer)).status_code == 403
