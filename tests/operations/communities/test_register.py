"""Registering communities."""

import asyncio

import pytest

from services.operations.communities.register import Registration, register
from services.operations.communities.rules import CommunityAlreadyRegistered, CommunityUnknown
from shared.database import Database
from tests.operations.ground import DONGJIANG, NOW, published


async def try_to_register(database: Database, code: str) -> None:
    async with database.transaction() as session:
        await register(session, Registration(code, by="staff:wang", now=NOW))


async def test_registering_a_community_tells_its_name(database: Database) -> None:
    await try_to_register(database, DONGJIANG)
    async with database.transaction() as session:
        assert await published(session) == [
            {"type": "operations.community-registered.v1", "community_code": DONGJIANG, "name": "东江社区"}
        ]


async def test_a_code_that_the_reference_list_lacks_is_refused(database: Database) -> None:
    with pytest.raises(CommunityUnknown):
        await try_to_register(database, "330281002999")


async def test_of_32_registrations_of_one_community_one_takes_effect(database: Database) -> None:
    results = await asyncio.gather(*(try_to_register(database, DONGJIANG) for _ in range(32)), return_exceptions=True)
    assert results.count(None) == 1
    assert sum(isinstance(result, CommunityAlreadyRegistered) for result in results) == 31
    async with database.transaction() as session:
        assert len(await published(session)) == 1
