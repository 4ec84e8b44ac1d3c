"""Redemption within a community and across two, on a real book."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.queries import ClearingPosition, positions_of
from services.points.communities.tables import Community
from services.points.exchange.agree_corridor import AgreeCorridor, ProposeCorridor, agree_corridor, propose_corridor
from services.points.exchange.make_quote import AskQuote, make_quote
from services.points.exchange.rules import (
    BASIS,
    NoCorridor,
    QuoteSpent,
    QuoteUnknown,
    Terms,
)
from services.points.ledger.rules import AssetClass
from services.points.ledger.tables import Account
from services.points.merchants.rules import MerchantDebarred, MerchantUnknown
from services.points.merchants.tables import Merchant
from services.points.redemptions.redeem import Captured, Redeem, redeem
from services.points.redemptions.rules import BasicPointsNotSpendable
from services.points.redemptions.tables import Redemption
from shared.database import Database
from shared.errors import unless_refused
from shared.outbox import OutboxRow
from tests.points.book import DONGJIANG, QINGBO, broken, grant

NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)
RESIDENT, SHOP, CORNER_SHOP = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()


@pytest.fixture
async def town(points: Database) -> Database:
    """Two communities with a corridor at 10 % discount, a merchant in each, and a resident with 500 points."""
    async with points.transaction() as session:
        session.add_all(
            [
                Community(community_code=QINGBO, name="清波门社区"),
                Community(community_code=DONGJIANG, name="东江社区"),
                Merchant(merchant_id=SHOP, community_code=DONGJIANG, name="东江便利店"),
                Merchant(merchant_id=CORNER_SHOP, community_code=QINGBO, name="清波早餐店"),
            ]
        )
        await session.flush()
        await propose_corridor(session, ProposeCorridor(QINGBO, DONGJIANG, Terms(BASIS, 1000), "staff:a"))
        await agree_corridor(session, AgreeCorridor(QINGBO, DONGJIANG, 1, "staff:b"), now=NOW)
        await grant(session, RESIDENT, 500)
    return points


async def quote(town: Database, price: int, *, merchant_id: uuid.UUID = SHOP) -> uuid.UUID:
    async with town.transaction() as session:
        made = await make_quote(session, AskQuote(RESIDENT, QINGBO, merchant_id, price), now=NOW)
        return made.quote_id


def paying(quote_id: uuid.UUID, asset_class: AssetClass = AssetClass.SERVICE) -> Redeem:
    return Redeem(RESIDENT, quote_id, asset_class)


async def redeem_one(session: AsyncSession, command: Redeem, *, now: datetime = NOW) -> Captured:
    [outcome] = await redeem(session, [command], now=now)
    return unless_refused(outcome)


async def test_of_a_set_each_quote_is_executed_or_refused_alone_as_if_they_had_come_one_by_one(town: Database) -> None:
    quotes = [await quote(town, 90, merchant_id=(SHOP, CORNER_SHOP)[n % 2]) for n in range(5)]
    commands = [
        paying(quotes[0]),
        paying(quotes[0]),
        paying(uuid.uuid4()),
        paying(quotes[1], AssetClass.BASIC),
        *map(paying, quotes[1:]),
        paying(quotes[4]),
    ]
    async with town.transaction() as session:
        outcomes = await redeem(session, commands, now=NOW)
    kinds = [type(one) for one in outcomes]
    refused = [QuoteSpent, QuoteUnknown, BasicPointsNotSpendable]
    assert kinds == [Captured, *refused, *[Captured] * 4, QuoteSpent]
    async with town.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Redemption)) == 5
        assert await session.scalar(select(func.count()).select_from(OutboxRow)) == 5
        assert await session.scalar(select(Account.balance).where(Account.kind == "resident")) == 20
        assert await broken(session) == []


async def test_points_of_one_community_pay_a_merchant_of_another_at_the_corridors_discount(town: Database) -> None:
    quote_id = await quote(town, 90)
    async with town.transaction() as session:
        redemption = await redeem_one(session, paying(quote_id))
        assert (redemption.quote.price, redemption.quote.paid, len(redemption.posted)) == (90, 100, 2)
    async with town.transaction() as session:
        balance = await session.scalar(select(Account.balance).where(Account.kind == "resident"))
        assert balance == 400
        assert await positions_of(session, QINGBO) == [ClearingPosition(DONGJIANG, 90, -90)]
        assert await positions_of(session, DONGJIANG) == [ClearingPosition(QINGBO, -90, 90)]
        assert await session.scalar(select(OutboxRow.type)) == "points.redemption-captured.v1"
        assert await broken(session) == []


async def test_within_one_community_points_are_taken_at_par_and_nothing_is_owed(town: Database) -> None:
    quote_id = await quote(town, 90, merchant_id=CORNER_SHOP)
    async with town.transaction() as session:
        redemption = await redeem_one(session, paying(quote_id))
        assert (redemption.quote.price, redemption.quote.paid, len(redemption.posted)) == (90, 90, 1)
        assert await positions_of(session, QINGBO) == []


async def test_a_quote_is_executed_once_by_32_workers(town: Database) -> None:
    quote_id = await quote(town, 9)

    async def attempt() -> bool:
        try:
            async with town.transaction() as session:
                await redeem_one(session, paying(quote_id))
        except QuoteSpent:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(32)))) == 1


async def test_basic_points_are_refused(town: Database) -> None:
    quote_id = await quote(town, 9)
    with pytest.raises(BasicPointsNotSpendable):
        async with town.transaction() as session:
            await redeem_one(session, paying(quote_id, AssetClass.BASIC))


async def test_a_merchant_debarred_since_the_quote_is_refused(town: Database) -> None:
    quote_id = await quote(town, 9)
    async with town.transaction() as session:
        await session.execute(update(Merchant).values(debarred_from=NOW))
    with pytest.raises(MerchantDebarred):
        async with town.transaction() as session:
            await redeem_one(session, paying(quote_id))
    with pytest.raises(MerchantDebarred):
        await quote(town, 9)


async def test_an_expired_or_foreign_quote_is_refused(town: Database) -> None:
    quote_id = await quote(town, 9)
    async with town.transaction() as session:
        with pytest.raises(QuoteSpent):
            await redeem_one(session, paying(quote_id), now=NOW + timedelta(minutes=5))
        with pytest.raises(QuoteUnknown):
            await redeem_one(session, Redeem(uuid.uuid4(), quote_id, AssetClass.SERVICE))


async def test_without_a_corridor_or_a_merchant_there_is_no_quote(town: Database) -> None:
    async with town.transaction() as session:
        with pytest.raises(NoCorridor):
            await make_quote(session, AskQuote(RESIDENT, DONGJIANG, CORNER_SHOP, 9), now=NOW)
        with pytest.raises(MerchantUnknown):
            await make_quote(session, AskQuote(RESIDENT, QINGBO, uuid.uuid4(), 9), now=NOW)
