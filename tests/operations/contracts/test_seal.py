"""Sealing contracts."""

import asyncio
import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.contracts.queries import get
from services.operations.contracts.rules import ContractAlreadySealed, ContractUnseen, Terms, seal_of
from services.operations.contracts.seal import seal
from services.operations.listings.decide import decide
from services.operations.providers.rules import ProviderIsDebarred, ProviderUnseen
from shared.database import Database
from tests.operations.ground import (
    DONGJIANG,
    JINFENG,
    MERCHANT_CODE,
    OPERATOR_CODE,
    debarment,
    enlist,
    take_part,
    terms,
    waits_or_ends,
)


@pytest.fixture
async def merchant(database: Database) -> uuid.UUID:
    """Put a merchant on the white list."""
    await take_part(database, DONGJIANG)
    return await enlist(database, MERCHANT_CODE, "merchant")


async def try_to_seal(database: Database, facts: Terms) -> uuid.UUID:
    async with database.transaction() as session:
        return (await seal(session, facts)).id


async def try_to_debar(database: Database, provider_id: uuid.UUID) -> None:
    async with database.transaction() as session:
        await decide(session, debarment(provider_id))


async def test_a_sealed_contract_keeps_its_facts_under_their_seal(database: Database, merchant: uuid.UUID) -> None:
    contract_id = await try_to_seal(database, terms(merchant))
    async with database.transaction() as session:
        contract = await get(session, contract_id)
    assert contract.seal == seal_of(terms(merchant))
    assert (contract.provider_id, contract.target, contract.merchant_id) == (merchant, 100, merchant)


async def test_a_sealed_contract_cannot_be_changed(database: Database, merchant: uuid.UUID) -> None:
    await try_to_seal(database, terms(merchant))
    for change in ("UPDATE contract SET target = 1", "DELETE FROM contract"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction() as session:
                await session.execute(text(change))


async def test_a_provider_may_serve_another_community_than_its_home(database: Database) -> None:
    await take_part(database, DONGJIANG, JINFENG)
    operator = await enlist(database, OPERATOR_CODE, "operator", DONGJIANG)
    assert await try_to_seal(database, terms(operator, "bookings", community_code=JINFENG))


async def test_a_debarred_provider_gets_no_contract(database: Database, merchant: uuid.UUID) -> None:
    await try_to_debar(database, merchant)
    with pytest.raises(ProviderIsDebarred):
        await try_to_seal(database, terms(merchant))


async def test_a_contract_takes_a_community_that_takes_part(database: Database, merchant: uuid.UUID) -> None:
    with pytest.raises(CommunityNotRegistered):
        await try_to_seal(database, terms(merchant, community_code=JINFENG))


async def test_a_contract_takes_a_known_provider(database: Database) -> None:
    await take_part(database, DONGJIANG)
    with pytest.raises(ProviderUnseen):
        await try_to_seal(database, terms(uuid.uuid4()))


async def test_an_unknown_contract_is_unseen(database: Database) -> None:
    async with database.transaction() as session:
        with pytest.raises(ContractUnseen):
            await get(session, uuid.uuid4())


async def test_of_16_like_contracts_one_is_sealed_and_the_others_name_it(
    database: Database, merchant: uuid.UUID
) -> None:
    results = await asyncio.gather(*(try_to_seal(database, terms(merchant)) for _ in range(16)), return_exceptions=True)
    sealed = [result for result in results if isinstance(result, uuid.UUID)]
    refused = [result for result in results if isinstance(result, ContractAlreadySealed)]
    assert (len(sealed), len(refused)) == (1, 15)
    assert {refusal.contract_id for refusal in refused} == {str(sealed[0])}


async def test_a_contract_waits_for_a_debarment_that_is_being_decided(database: Database, merchant: uuid.UUID) -> None:
    async with database.transaction() as session:
        await decide(session, debarment(merchant))
        sealing = asyncio.create_task(try_to_seal(database, terms(merchant)))
        await waits_or_ends(database, sealing)
    with pytest.raises(ProviderIsDebarred):
        await sealing
