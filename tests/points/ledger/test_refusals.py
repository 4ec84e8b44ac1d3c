"""What the book refused is on record, whatever became of the request that asked for it."""

import asyncio
import uuid
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from services.points.ledger.post import post
from services.points.ledger.rules import (
    AlreadyPosted,
    AssetClass,
    NotEnoughPoints,
    PostTransfer,
    TransferKind,
    clearing,
    merchant,
    resident,
)
from services.points.ledger.tables import Refused, Transfer
from shared.database import Database
from tests.points.book import DONGJIANG, NOW, QINGBO, grant, granting, post_linked

RESIDENT, SHOP = uuid.uuid4(), uuid.uuid4()


def paying_abroad(points: int) -> list[PostTransfer]:
    """Describe a purchase in another community: a transfer in each of two books."""
    reference = uuid.uuid4().hex
    here = ((resident(RESIDENT), -points), (clearing(DONGJIANG), points))
    there = ((clearing(QINGBO), -points), (merchant(SHOP), points))
    return [
        PostTransfer(code, AssetClass.SERVICE, TransferKind.REDEEM, reference, amounts)
        for code, amounts in ((QINGBO, here), (DONGJIANG, there))
    ]


async def refused(points: Database) -> Sequence[Refused]:
    """Read what was refused."""
    async with points.transaction() as session:
        return (await session.scalars(select(Refused).order_by(Refused.community_code))).all()


async def test_a_refusal_says_what_was_asked_and_why_it_was_not_done_in_each_book_it_concerns(points: Database) -> None:
    asked = paying_abroad(30)
    async with points.transaction() as session:
        await grant(session, RESIDENT, 10)
        outcomes = await post(session, [asked, [granting(RESIDENT, 5)]], now=NOW)
    assert isinstance(outcomes[0], NotEnoughPoints)
    here, there = await refused(points)
    assert (here.community_code, there.community_code) == (QINGBO, DONGJIANG)
    assert (here.asset_class, here.kind, here.reference) == ("service", "redeem", asked[0].reference)
    assert (here.reason, here.facts) == ("not-enough-points", {"available": 10, "required": 30})
    names = [({"kind": name.kind, "owner": name.owner}, amount) for name, amount in asked[0].amounts]
    assert here.asked == {"amounts": [list(each) for each in names]}
    async with points.transaction() as session:
        assert len((await session.scalars(select(Transfer))).all()) == 2


async def test_a_refusal_outlives_the_savepoint_that_its_request_is_undone_to(points: Database) -> None:
    once = granting(RESIDENT, 10)
    async with points.transaction() as session:
        await post_linked(session, once)
        savepoint = await session.begin_nested()
        await post_linked(session, granting(RESIDENT, 1))
        with pytest.raises(AlreadyPosted):
            await post_linked(session, once)
        await savepoint.rollback()
    assert [row.reference for row in await refused(points)] == [once.reference]
    async with points.transaction() as session:
        assert len((await session.scalars(select(Transfer))).all()) == 1


async def test_a_transaction_that_rolls_back_has_refused_nothing(points: Database) -> None:
    with pytest.raises(NotEnoughPoints):
        async with points.transaction() as session:
            await post_linked(session, *paying_abroad(1))
    assert not await refused(points)


async def test_of_32_workers_who_post_the_same_one_posts_and_31_are_on_record_as_refused(points: Database) -> None:
    once = granting(RESIDENT, 10)

    async def attempt() -> None:
        async with points.transaction() as session:
            await post(session, [[once]], now=NOW)

    await asyncio.gather(*(attempt() for _ in range(32)))
    rows = await refused(points)
    assert [row.reason for row in rows] == ["already-posted"] * 31
    assert all(row.xid > 0 for row in rows)
