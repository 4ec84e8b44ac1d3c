"""Space for service: rent, services at catalogue prices, the corridor and the true-up."""

import asyncio
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.operations.barter.deliver_service import ServiceDelivery, deliver_service
from services.operations.barter.rules import (
    BarterUnseen,
    DeliveryTooDear,
    ServiceNotInCatalogue,
    TrueUpOutOfOrder,
    service_fen,
    true_up_of,
)
from services.operations.barter.true_up import TrueUpOrder, true_up
from services.operations.contracts.tables import Contract
from services.operations.terms.rules import SpaceForService
from shared.database import Database
from tests.ground import ServiceClient
from tests.operations.ground import (
    DONGJIANG,
    NOW,
    OPERATOR_CODE,
    RESIDENT,
    SHANGCHENG_OFFICIAL,
    YUYAO_OFFICIAL,
    conclude,
    conclude_over_http,
    enlist,
    register_over_http,
    take_part,
    terms,
)

FEN = st.integers(0, 10**12)
LINE = {
    "kind": "space_for_service",
    "no": 1,
    "description": "邻里食堂场地换老年餐",
    "space_id": str(uuid.UUID(int=7)),
    "rent_fen_per_month": 800_000,
    "corridor_bp": 500,
    "services": [{"code": "elder_meal", "unit_price_fen": 1_500}, {"code": "haircut", "unit_price_fen": 2_000}],
}


@given(FEN, FEN, st.integers(-(10**12), 10**12), st.integers(0, 10_000))
def test_nothing_is_lost_and_what_lies_outside_the_corridor_is_paid_whole(
    rent: int, service: int, brought: int, corridor: int
) -> None:
    sums = true_up_of(rent, service, brought, corridor)
    assert sums.paid + sums.carried == brought + rent - service
    assert sums.paid == 0 or sums.carried == 0
    assert abs(sums.carried) * 10_000 <= rent * corridor


def test_a_service_counts_at_its_catalogue_price() -> None:
    line = SpaceForService.model_validate(LINE)
    assert service_fen(line, [("elder_meal", 500), ("haircut", 3)]) == 756_000
    with pytest.raises(ServiceNotInCatalogue):
        service_fen(line, [("massage", 1)])


async def deliver(database: Database, contract: Contract, seq: int, service: str, quantity: int) -> None:
    async with database.transaction() as session:
        command = ServiceDelivery(1, seq, service, quantity, "签到表 3 号", by="staff:lu", now=NOW)
        await deliver_service(session, contract, command)


async def trued_up(database: Database, contract: Contract, seq: int) -> tuple[int, ...]:
    async with database.transaction() as session:
        row = await true_up(session, contract, TrueUpOrder(1, seq, by="staff:wang", now=NOW))
        return row.rent_fen, row.service_fen, row.brought_fen, row.paid_fen, row.carried_fen


async def contract_of(database: Database) -> Contract:
    await take_part(database, DONGJIANG)
    operator = await enlist(database, OPERATOR_CODE, "operator")
    return await conclude(database, terms(operator, lines=[LINE], kpis=[], starts_on="2026-01-16"))


@pytest.mark.proves("O7")
async def test_rent_meets_service_at_catalogue_prices_small_differences_are_carried_and_large_ones_paid(
    database: Database,
) -> None:
    contract = await contract_of(database)
    await deliver(database, contract, 1, "elder_meal", 500)
    await deliver(database, contract, 1, "haircut", 8)
    await deliver(database, contract, 1, "haircut", 4)
    assert await trued_up(database, contract, 1) == (800_000, 774_000, 0, 0, 26_000)  # within 5 %: carried
    await deliver(database, contract, 2, "elder_meal", 520)
    assert await trued_up(database, contract, 2) == (800_000, 780_000, 26_000, 46_000, 0)  # together they are not: paid
    await deliver(database, contract, 3, "elder_meal", 600)
    assert await trued_up(database, contract, 3) == (
        800_000,
        900_000,
        0,
        -100_000,
        0,
    )  # more service than space: paid out
    assert await trued_up(database, contract, 4) == (800_000, 0, 0, 800_000, 0)  # nothing verified, nothing counted
    for seq in (4, 6):
        with pytest.raises(TrueUpOutOfOrder):
            await trued_up(database, contract, seq)
    with pytest.raises(TrueUpOutOfOrder):
        await deliver(database, contract, 4, "elder_meal", 1)
    with pytest.raises(ServiceNotInCatalogue):
        await deliver(database, contract, 5, "massage", 1)
    for seq in range(5, 11):
        await trued_up(database, contract, seq)
    with pytest.raises(BarterUnseen):
        await trued_up(database, contract, 11)  # it has not ended


async def test_a_delivery_that_no_store_holds_is_refused_and_its_month_is_trued_up(database: Database) -> None:
    await take_part(database, DONGJIANG)
    dear = {**LINE, "services": [{"code": "elder_meal", "unit_price_fen": 10**13}]}
    agreed = terms(await enlist(database, OPERATOR_CODE, "operator"), lines=[dear], kpis=[], starts_on="2026-01-16")
    contract = await conclude(database, agreed)
    with pytest.raises(DeliveryTooDear):
        await deliver(database, contract, 1, "elder_meal", 1_000_000)
    assert (await trued_up(database, contract, 1))[:2] == (800_000, 0)


async def test_of_32_true_ups_of_one_month_one_counts(database: Database) -> None:
    contract = await contract_of(database)
    done = await asyncio.gather(*(trued_up(database, contract, 1) for _ in range(32)), return_exceptions=True)
    assert sum(isinstance(one, tuple) for one in done) == 1
    assert sum(isinstance(one, TrueUpOutOfOrder) for one in done) == 31


async def test_barter_over_http_and_who_may(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    contract_id = await conclude_over_http(api, provider_id, lines=[LINE], kpis=[], starts_on="2025-01-01")
    path = f"/contracts/{contract_id}/barter"
    service = {"line_no": 1, "seq": 1, "service": "elder_meal", "quantity": 500, "evidence": "签到表 3 号"}
    for who in (SHANGCHENG_OFFICIAL, RESIDENT):
        assert (await api.post(f"{path}/deliveries", who, service)).status_code == 403
        assert (await api.post(f"{path}/true-ups", who, {"line_no": 1, "seq": 1})).status_code == 403
        assert (await api.get(f"{path}/1", who)).status_code == 403
    assert (await api.post(f"{path}/deliveries", YUYAO_OFFICIAL, service)).status_code == 201
    assert (await api.post(f"{path}/deliveries", YUYAO_OFFICIAL, {**service, "line_no": 2})).status_code == 404
    done = await api.post(f"{path}/true-ups", YUYAO_OFFICIAL, {"line_no": 1, "seq": 1})
    assert (done.status_code, done.json()["paid_fen"]) == (201, 50_000)
    assert (await api.get(f"{path}/1", YUYAO_OFFICIAL)).json() == [done.json()]
