"""Debarring providers."""

import asyncio
import uuid
from datetime import datetime, timedelta

import pytest

from services.operations.listings.appeal import Appeal, AppealAnswer, answer_appeal, appeal
from services.operations.listings.decide import decide
from services.operations.listings.queries import history
from services.operations.listings.rehabilitate import Rehabilitation, rehabilitate
from services.operations.listings.rules import EVERYWHERE, DecisionOutOfOrder, ListingStepRefused
from services.operations.providers.rules import ProviderUnseen
from shared.database import Database
from tests.operations.ground import (
    DONGJIANG,
    MERCHANT_CODE,
    NOW,
    debarment,
    enlist,
    published,
    take_part,
    waits_or_ends,
)

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
async def merchant(database: Database) -> uuid.UUID:
    """Put a merchant on the white list."""
    await take_part(database, DONGJIANG)
    return await enlist(database, MERCHANT_CODE, "merchant")


async def try_to_debar(database: Database, provider_id: uuid.UUID, effective_at: datetime = TOMORROW) -> None:
    async with database.transaction() as session:
        await decide(session, debarment(provider_id, effective_at=effective_at))


async def test_a_debarment_is_told_with_its_basis_and_start(database: Database, merchant: uuid.UUID) -> None:
    await try_to_debar(database, merchant)
    async with database.transaction() as session:
        assert (await published(session))[-1] == {
            "type": "operations.provider-debarred.v1",
            "community_code": DONGJIANG,
            "provider_id": str(merchant),
            "basis": "虚开积分",
            "effective_at": "2026-11-23T02:00:00Z",
            "ends_at": None,
            "running_contracts": "continue",
        }


async def test_a_debarment_counts_from_its_start_on_and_not_before(database: Database, merchant: uuid.UUID) -> None:
    await try_to_debar(database, merchant)
    async with database.transaction() as session:
        before = await history(session, merchant, TOMORROW - timedelta(microseconds=1))
        after = await history(session, merchant, TOMORROW)
    assert before[-1].state == "listed"
    assert (after[-1].state, after[-1].basis, after[-1].authority) == ("debarred", "虚开积分", "余姚市民政局")


async def test_before_its_registration_a_provider_is_unseen(database: Database, merchant: uuid.UUID) -> None:
    async with database.transaction() as session:
        with pytest.raises(ProviderUnseen):
            await history(session, merchant, NOW - timedelta(days=1))


async def test_an_unknown_provider_cannot_be_debarred(database: Database) -> None:
    with pytest.raises(ProviderUnseen):
        await try_to_debar(database, uuid.uuid4())


async def test_a_debarment_starts_no_earlier_than_the_listing(database: Database, merchant: uuid.UUID) -> None:
    with pytest.raises(DecisionOutOfOrder):
        await try_to_debar(database, merchant, NOW - timedelta(days=1))


async def test_who_an_appeal_restores_meanwhile_is_not_rehabilitated(database: Database, merchant: uuid.UUID) -> None:
    later = NOW + timedelta(days=100)
    async with database.transaction() as session:
        row = await decide(session, debarment(merchant))
        await appeal(session, Appeal(merchant, row.revision, "不实", by="staff:wang", now=NOW))

    async def repair() -> None:
        async with database.transaction() as session:
            await rehabilitate(session, Rehabilitation(merchant, EVERYWHERE, "已整改", "民政局", "staff:wang", later))

    upheld = AppealAnswer(merchant, row.revision, "upheld", "属实", "民政局", by="staff:lu", now=later)
    async with database.transaction() as session:
        await answer_appeal(session, upheld)
        repairing = asyncio.create_task(repair())
        await waits_or_ends(database, repairing)
    with pytest.raises(ListingStepRefused):
        await repairing
    async with database.transaction() as session:
        assert (await history(session, merchant, later))[-1].state == "listed"


async def test_of_16_debarments_of_one_provider_one_takes_effect(database: Database, merchant: uuid.UUID) -> None:
    results = await asyncio.gather(*(try_to_debar(database, merchant) for _ in range(16)), return_exceptions=True)
    assert results.count(None) == 1
    assert sum(isinstance(result, ListingStepRefused) for result in results) == 15
