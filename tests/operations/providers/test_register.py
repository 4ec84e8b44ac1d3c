"""Registering providers."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.listings.queries import history
from services.operations.providers.register import register
from services.operations.providers.rules import ProviderAlreadyRegistered
from shared.database import Database
from shared.identifiers import SocialCreditCodeInvalid
from tests.operations.ground import (
    DONGJIANG,
    JINFENG,
    MERCHANT_CODE,
    NOW,
    OPERATOR_CODE,
    application,
    enlist,
    published,
    take_part,
)


async def test_a_provider_goes_over_candidate_to_the_white_list_and_the_others_are_told(database: Database) -> None:
    await take_part(database, DONGJIANG)
    provider_id = await enlist(database, MERCHANT_CODE, "merchant")
    async with database.transaction() as session:
        decisions = await history(session, provider_id, NOW)
        assert [(d.revision, d.state, d.basis) for d in decisions] == [
            (1, "candidate", "营业执照核验"),
            (2, "listed", "营业执照核验"),
        ]
        assert (await published(session))[-1] == {
            "type": "operations.provider-listed.v1",
            "community_code": DONGJIANG,
            "provider_id": str(provider_id),
            "kind": "merchant",
            "name": "东江便利店",
        }


async def test_a_wrong_social_credit_code_is_refused(database: Database) -> None:
    await take_part(database, DONGJIANG)
    with pytest.raises(SocialCreditCodeInvalid):
        await enlist(database, "91350100M000100Y4Z", "operator")


async def test_the_home_community_must_take_part(database: Database) -> None:
    with pytest.raises(CommunityNotRegistered):
        await enlist(database, OPERATOR_CODE, "operator", JINFENG)


async def test_of_32_registrations_of_one_code_one_takes_effect(database: Database) -> None:
    await take_part(database, DONGJIANG, JINFENG)

    async def attempt(community_code: str) -> None:
        async with database.transaction() as session:
            await register(session, application(MERCHANT_CODE, "merchant", community_code))

    results = await asyncio.gather(*(attempt(c) for c in [DONGJIANG, JINFENG] * 16), return_exceptions=True)
    assert results.count(None) == 1
    assert sum(isinstance(result, ProviderAlreadyRegistered) for result in results) == 31
    async with database.transaction() as session:
        listed = [event for event in await published(session) if event["type"] == "operations.provider-listed.v1"]
    assert len(listed) == 1


async def test_the_history_of_the_lists_can_be_added_to_and_not_changed(database: Database) -> None:
    await take_part(database, DONGJIANG)
    await enlist(database, MERCHANT_CODE, "merchant")
    for change in ("UPDATE provider_listing SET basis = 'other'", "DELETE FROM provider_listing"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction() as session:
                await session.execute(text(change))
