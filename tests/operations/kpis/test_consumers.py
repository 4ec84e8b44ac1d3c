"""Events that move KPIs."""

import asyncio
import random
import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, select

from services.operations.contracts.queries import get
from services.operations.contracts.seal import seal
from services.operations.contracts.tables import Contract
from services.operations.kpis.consumers import count_redemption
from services.operations.kpis.queries import measured, recompute
from services.operations.kpis.rules import Measure
from services.operations.kpis.tables import KpiEvidence
from shared.database import Database
from shared.events.points import RedemptionCaptured
from shared.events.scenarios import AttendanceCompleted, BookingConfirmed
from shared.inbox import DeadLetter, Inbox
from tests.operations.ground import (
    DONGJIANG,
    JINFENG,
    MERCHANT_CODE,
    NOW,
    OPERATOR_CODE,
    OTHER_MERCHANT_CODE,
    enlist,
    message,
    take_part,
    terms,
    waits_or_ends,
)

NEXT_MONTH = NOW + timedelta(days=30)


def redemption(
    merchant_id: uuid.UUID, points: int = 10, at: datetime = NOW, community_code: str = DONGJIANG
) -> RedemptionCaptured:
    return RedemptionCaptured(
        community_code=community_code,
        redemption_id=uuid.uuid4(),
        merchant_id=merchant_id,
        points=points,
        payer_community_code="330102001051",
        paid_points=points + 2,
        captured_at=at,
    )


def attendance(at: datetime = NOW) -> AttendanceCompleted:
    return AttendanceCompleted(
        community_code=DONGJIANG,
        attendance_id=uuid.uuid4(),
        activity_id=uuid.uuid4(),
        activity_kind="volunteering",
        resident_id=uuid.uuid4(),
        resident_community_code=DONGJIANG,
        checked_in_at=at - timedelta(hours=2),
        checked_out_at=at,
        minutes=120,
    )


def booking(at: datetime = NOW) -> BookingConfirmed:
    return BookingConfirmed(
        community_code=DONGJIANG,
        booking_id=uuid.uuid4(),
        space_id=uuid.uuid4(),
        resident_id=uuid.uuid4(),
        starts_at=at,
        ends_at=at + timedelta(hours=1),
        channel="mini-app",
    )


async def sealed(database: Database, provider_id: uuid.UUID, measure: Measure = "points_redeemed") -> uuid.UUID:
    async with database.transaction() as session:
        return (await seal(session, terms(provider_id, measure))).id


async def stands_at(database: Database, contract_id: uuid.UUID) -> int | None:
    async with database.transaction() as session:
        return await measured(session, await get(session, contract_id))


async def test_a_redemption_moves_its_merchants_contract_and_the_operators(database: Database, inbox: Inbox) -> None:
    await take_part(database, DONGJIANG)
    merchant = await enlist(database, MERCHANT_CODE, "merchant")
    other = await enlist(database, OTHER_MERCHANT_CODE, "merchant")
    operator = await enlist(database, OPERATOR_CODE, "operator")
    contracts = [await sealed(database, provider) for provider in (merchant, other, operator)]
    await inbox.take([message(redemption(merchant, 10)), message(redemption(merchant, 15))])
    assert [await stands_at(database, contract) for contract in contracts] == [25, None, 25]


async def test_an_event_that_comes_twice_counts_once(database: Database, inbox: Inbox) -> None:
    await take_part(database, DONGJIANG)
    merchant = await enlist(database, MERCHANT_CODE, "merchant")
    contract = await sealed(database, merchant)
    event = redemption(merchant, 10)
    once = message(event)
    await inbox.take([once])
    await inbox.take([once])
    await inbox.take([message(event)])  # under another event id it is still the same redemption
    assert await stands_at(database, contract) == 10


async def test_attendances_and_bookings_count_one_each_in_their_month(database: Database, inbox: Inbox) -> None:
    await take_part(database, DONGJIANG)
    operator = await enlist(database, OPERATOR_CODE, "operator")
    attendances, bookings = [await sealed(database, operator, measure) for measure in ("attendances", "bookings")]
    happened = [attendance(), attendance(), booking(), attendance(NEXT_MONTH), booking(NEXT_MONTH)]
    await inbox.take([message(event) for event in happened])
    assert await stands_at(database, attendances) == 2
    assert await stands_at(database, bookings) == 1


async def test_what_happens_in_another_month_or_community_does_not_count(database: Database, inbox: Inbox) -> None:
    await take_part(database, DONGJIANG, JINFENG)
    merchant = await enlist(database, MERCHANT_CODE, "merchant")
    contract = await sealed(database, merchant)
    elsewhere = redemption(merchant, community_code=JINFENG)
    await inbox.take([message(redemption(merchant, at=NEXT_MONTH)), message(elsewhere)])
    assert await stands_at(database, contract) is None


async def test_a_contract_starts_at_what_its_month_has_brought_so_far(database: Database, inbox: Inbox) -> None:
    await take_part(database, DONGJIANG)
    merchant = await enlist(database, MERCHANT_CODE, "merchant")
    await inbox.take([message(redemption(merchant, 30))])
    assert await stands_at(database, await sealed(database, merchant)) == 30


async def test_a_contract_waits_for_events_that_are_being_counted(database: Database) -> None:
    await take_part(database, DONGJIANG)
    merchant = await enlist(database, MERCHANT_CODE, "merchant")
    async with database.transaction() as session:
        await count_redemption(session, redemption(merchant, 20))
        sealing = asyncio.create_task(sealed(database, merchant))
        await waits_or_ends(database, sealing)
    assert await stands_at(database, await sealing) == 20


async def test_events_wait_for_a_contract_that_is_being_sealed(database: Database, inbox: Inbox) -> None:
    await take_part(database, DONGJIANG)
    merchant = await enlist(database, MERCHANT_CODE, "merchant")
    async with database.transaction() as session:
        contract_id = (await seal(session, terms(merchant))).id
        counting = asyncio.create_task(inbox.take([message(redemption(merchant, 20))]))
        await waits_or_ends(database, counting)
    await counting
    assert await stands_at(database, contract_id) == 20


async def test_a_redemption_of_no_points_is_buried_and_moves_nothing(database: Database, inbox: Inbox) -> None:
    await take_part(database, DONGJIANG)
    merchant = await enlist(database, MERCHANT_CODE, "merchant")
    contract = await sealed(database, merchant)
    await inbox.take([message(redemption(merchant, 0)), message(redemption(merchant, 7))])
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(DeadLetter)) == 1
    assert await stands_at(database, contract) == 7


async def test_recomputed_from_the_evidence_each_measurement_is_what_is_stored(
    database: Database, inbox: Inbox
) -> None:
    chance = random.Random(20261122)  # noqa: S311 - the same story each run
    await take_part(database, DONGJIANG)
    merchants = [await enlist(database, code, "merchant") for code in (MERCHANT_CODE, OTHER_MERCHANT_CODE)]
    operator = await enlist(database, OPERATOR_CODE, "operator")
    measures: list[Measure] = ["points_redeemed", "attendances", "bookings"]
    proposals = [*((merchant, measures[0]) for merchant in merchants), *((operator, measure) for measure in measures)]
    for provider_id, measure in proposals:
        happened = [
            chance.choice([redemption(chance.choice(merchants), chance.randint(1, 50)), attendance(), booking()])
            for _ in range(20)
        ]
        await inbox.take([message(event) for event in happened])
        await sealed(database, provider_id, measure)
        again = [*happened[:5], redemption(merchants[0], 3), attendance(NEXT_MONTH)]
        await inbox.take([message(event) for event in again])
    async with database.transaction() as session:
        contracts = (await session.scalars(select(Contract))).all()
        stored = [await measured(session, contract) for contract in contracts]
        assert stored == [await recompute(session, contract) for contract in contracts]
        assert len(contracts) == 5
        assert all(stored)
        assert await session.scalar(select(func.count()).select_from(KpiEvidence)) == 5 * 22
