"""Quotes: rate and lots are held until they expire, and executed as they were quoted."""

import asyncio
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.exchange.make_quote import QUOTE_HOLDS
from services.points.exchange.release_quote import release_quote
from services.points.exchange.rules import BASIS, Moving, QuoteSpent, QuoteUnknown, Terms, price_before_discount
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, NotEnoughPoints, PostTransfer, TransferKind, merchant, resident
from services.points.ledger.tables import Account
from services.points.redemptions.tables import Redemption
from shared.database import Database
from tests.points.book import DONGJIANG, NOW, QINGBO, broken
from tests.points.exchange.town import CORNER_SHOP, LI, SHOP, ZHANG, agree, buy, execute, quote

FIXED = Terms(BASIS, 1000)
BACK = (DONGJIANG, QINGBO)
rates, discounts = st.integers(1, BASIS), st.integers(0, BASIS - 1)


@given(st.integers(1, 10**6), rates, discounts, rates, discounts)
def test_a_round_trip_never_gains(price: int, there: int, there_bp: int, back: int, back_bp: int) -> None:
    assert price_before_discount(price_before_discount(price, back, back_bp), there, there_bp) >= price


@pytest.mark.proves("P21")
async def test_quotes_hold_rate_and_lots_and_no_round_trip_of_100_000_corridors_gains(town: Database) -> None:
    dice = random.Random(21)  # noqa: S311 - terms to try
    for _ in range(100_000):
        price, there, back = dice.randint(1, 10**6), dice.randint(1, BASIS), dice.randint(1, BASIS)
        abroad = price_before_discount(price, back, dice.randrange(BASIS))
        assert price_before_discount(abroad, there, dice.randrange(BASIS)) >= price
    async with town.transaction() as session:
        await agree(session, Terms(BASIS, 1000, Moving(0, 9000, 500)))
        await agree(session, Terms(dice.randint(5000, BASIS), 700), there=BACK)
        quoted = await quote(session, ZHANG, SHOP, 90)
        assert quoted.paid == 100
        with pytest.raises(NotEnoughPoints):  # the lots are held: nothing else gets them
            await spend_at_home(session, 99_901)
    await buy(town, ZHANG, SHOP, 500)  # moves the discount to its ceiling
    async with town.transaction() as session:
        dear = await quote(session, ZHANG, SHOP, 90)
        assert dear.paid == 900
        done = await execute(session, quoted, now=NOW + QUOTE_HOLDS - timedelta(microseconds=1))
        assert -done.posted[0].command.amounts[0][1] == 100  # executed as quoted
    for price in (1, 7, 45, 99):
        there_and_back = await buy(town, LI, CORNER_SHOP, (await buy(town, ZHANG, SHOP, price)).quote.paid)
        assert there_and_back.quote.paid >= price
    async with town.transaction() as session:
        assert await broken(session) == []


async def spend_at_home(session: AsyncSession, points: int) -> None:
    """Take points from the resident without a hold; raises the refusal."""
    amounts = ((resident(ZHANG), -points), (merchant(CORNER_SHOP), points))
    [outcome] = await post(
        session, [[PostTransfer(QINGBO, AssetClass.SERVICE, TransferKind.REDEEM, "home", amounts)]], now=NOW
    )
    if not isinstance(outcome, list):
        raise outcome


async def test_of_32_quotes_asked_for_at_once_only_as_many_are_given_as_there_are_points_for(town: Database) -> None:
    async with town.transaction() as session:
        await agree(session, FIXED)

    async def attempt() -> bool:
        try:
            async with town.transaction() as session:
                await quote(session, ZHANG, SHOP, 9000)
        except NotEnoughPoints:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(32)))) == 10
    async with town.transaction() as session:
        assert await session.scalar(select(Account.balance).where(Account.owner == f"resident:{ZHANG}")) == 100_000
        assert await broken(session) == []


async def test_a_quote_that_expires_lets_go_of_its_points_and_cannot_be_executed(town: Database) -> None:
    async with town.transaction() as session:
        quoted = await quote(session, ZHANG, CORNER_SHOP, 100_000)
        with pytest.raises(NotEnoughPoints):
            await quote(session, ZHANG, CORNER_SHOP, 1)
        over = NOW + QUOTE_HOLDS
        with pytest.raises(QuoteSpent):
            await execute(session, quoted, now=over)
        await quote(session, ZHANG, CORNER_SHOP, 100_000, now=over)
        with pytest.raises(QuoteSpent):  # by a clock that is behind: the ledger has closed its hold
            await execute(session, quoted, now=over - timedelta(seconds=1))


async def test_a_quote_that_is_given_up_lets_go_of_its_points_at_once_and_is_its_residents_alone(
    town: Database,
) -> None:
    async with town.transaction() as session:
        quoted = await quote(session, ZHANG, CORNER_SHOP, 100_000)
        with pytest.raises(QuoteUnknown):
            await release_quote(session, LI, quoted.quote_id, now=NOW)
        await release_quote(session, ZHANG, quoted.quote_id, now=NOW)
        for again in (release_quote(session, ZHANG, quoted.quote_id, now=NOW), execute(session, quoted)):
            with pytest.raises(QuoteSpent):
                await again
        await execute(session, await quote(session, ZHANG, CORNER_SHOP, 100_000))
        with pytest.raises(QuoteSpent):
            await release_quote(session, ZHANG, quoted.quote_id, now=NOW)


async def test_of_32_who_execute_or_give_up_a_quote_at_once_one_does(town: Database) -> None:
    async with town.transaction() as session:
        quoted = await quote(session, ZHANG, CORNER_SHOP, 50)

    async def attempt(number: int) -> bool:
        try:
            async with town.transaction() as session:
                if number % 2:
                    await execute(session, quoted)
                else:
                    await release_quote(session, ZHANG, quoted.quote_id, now=NOW)
        except QuoteSpent:
            return False
        return True

    assert sum(await asyncio.gather(*map(attempt, range(32)))) == 1
    async with town.transaction() as session:
        spent = await session.scalar(select(func.count()).select_from(Redemption)) or 0
        balance = await session.scalar(select(Account.balance).where(Account.owner == f"resident:{ZHANG}"))
        assert balance == 100_000 - 50 * spent
        assert await broken(session) == []
