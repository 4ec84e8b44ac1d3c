"""Corridors: agreed by both, published a day ahead, moving with what is owed."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.points.exchange.agree_corridor import AgreeCorridor, ProposeCorridor, agree_corridor, propose_corridor
from services.points.exchange.queries import Rate, rate_now
from services.points.exchange.rules import (
    BASIS,
    CorridorAgreed,
    CorridorUnknown,
    Moving,
    NoCorridor,
    NoticeTooShort,
    OwnProposal,
    ProposalReplaced,
    SameCommunity,
    Terms,
)
from shared.database import Database
from tests.points.book import DONGJIANG, NOW, QINGBO
from tests.points.exchange.town import CORNER_SHOP, DAY, LI, SHOP, ZHANG, agree, buy

FIXED = Terms(BASIS, 1000)
MOVING = Terms(9000, 1000, Moving(200, 5000, 1000))


@pytest.mark.proves("P20")
async def test_a_corridor_is_agreed_by_both_published_ahead_and_moves_with_the_net_position(town: Database) -> None:
    async with town.transaction() as session:
        proposed = await propose_corridor(session, ProposeCorridor(QINGBO, DONGJIANG, FIXED, "staff:a"))
        with pytest.raises(NoCorridor):  # one side alone is not enough
            await rate_now(session, QINGBO, DONGJIANG, now=NOW)
        with pytest.raises(OwnProposal):
            await agree_corridor(session, AgreeCorridor(QINGBO, DONGJIANG, 1, "staff:a"), now=NOW)
        first = await agree_corridor(session, AgreeCorridor(QINGBO, DONGJIANG, proposed.version, "staff:b"), now=NOW)
        assert (first.version, first.effective_from) == (1, NOW)
        second = await agree(session, MOVING)
        assert (second.version, second.effective_from) == (2, NOW + DAY)
        assert await rate_now(session, QINGBO, DONGJIANG, now=NOW + DAY - timedelta(microseconds=1)) == Rate(
            1, BASIS, 1000, 0
        )
        assert await rate_now(session, QINGBO, DONGJIANG, now=NOW + DAY) == Rate(2, 9000, 1000, 0)
        with pytest.raises(NoCorridor):  # it has one direction
            await rate_now(session, DONGJIANG, QINGBO, now=NOW + DAY)
        await agree(session, FIXED, there=(DONGJIANG, QINGBO))
    path = [await spend_and_look(town, price) for price in (250, 250, 500, 400)]
    assert path == [Rate(2, 9000, bp, owed) for owed, bp in ((250, 2000), (500, 3000), (1000, 5000), (1400, 5000))]
    await buy(town, LI, CORNER_SHOP, 1900, now=NOW + DAY)
    async with town.transaction() as session:
        assert await rate_now(session, QINGBO, DONGJIANG, now=NOW + DAY) == Rate(2, 9000, 600, -500)


async def spend_and_look(town: Database, price: int) -> Rate:
    """Spend abroad the day after, and return the rate that the next one gets."""
    await buy(town, ZHANG, SHOP, price, now=NOW + DAY)
    async with town.transaction() as session:
        return await rate_now(session, QINGBO, DONGJIANG, now=NOW + DAY)


async def test_a_change_that_would_take_effect_sooner_than_in_a_day_is_refused(town: Database) -> None:
    async with town.transaction() as session:
        await agree(session, FIXED)
        with pytest.raises(NoticeTooShort) as refused:
            await agree(session, MOVING, effective_from=NOW + DAY - timedelta(seconds=1))
        assert refused.value.earliest == (NOW + DAY).isoformat()
        later = await agree(session, MOVING, effective_from=NOW + 7 * DAY)
        assert later.effective_from == NOW + 7 * DAY


async def test_what_takes_effect_later_holds_later_whatever_was_agreed_on_first(town: Database) -> None:
    async with town.transaction() as session:
        await agree(session, FIXED)
        await agree(session, MOVING, effective_from=NOW + 7 * DAY)
        await agree(session, Terms(BASIS, 500), effective_from=NOW + 2 * DAY)
        found = [(await rate_now(session, QINGBO, DONGJIANG, now=NOW + n * DAY)).version for n in (0, 2, 6, 7, 30)]
    assert found == [1, 3, 3, 2, 2]


async def test_a_corridor_takes_two_communities_and_the_latest_proposal(town: Database) -> None:
    async with town.transaction() as session:
        with pytest.raises(SameCommunity):
            await propose_corridor(session, ProposeCorridor(QINGBO, QINGBO, FIXED, "staff:a"))
        await propose_corridor(session, ProposeCorridor(QINGBO, DONGJIANG, FIXED, "staff:a"))
        await propose_corridor(session, ProposeCorridor(QINGBO, DONGJIANG, MOVING, "staff:a"))
        for version, refusal in ((1, ProposalReplaced), (3, CorridorUnknown)):
            with pytest.raises(refusal):
                await agree_corridor(session, AgreeCorridor(QINGBO, DONGJIANG, version, "staff:b"), now=NOW)
        await agree_corridor(session, AgreeCorridor(QINGBO, DONGJIANG, 2, "staff:b"), now=NOW)
        with pytest.raises(CorridorAgreed):
            await agree_corridor(session, AgreeCorridor(QINGBO, DONGJIANG, 2, "staff:c"), now=NOW)


async def test_of_32_who_agree_at_once_one_does(town: Database) -> None:
    async with town.transaction() as session:
        await propose_corridor(session, ProposeCorridor(QINGBO, DONGJIANG, FIXED, "staff:a"))

    async def attempt(number: int) -> bool:
        try:
            async with town.transaction() as session:
                await agree_corridor(session, AgreeCorridor(QINGBO, DONGJIANG, 1, f"staff:{number}"), now=NOW)
        except CorridorAgreed:
            return False
        return True

    assert sum(await asyncio.gather(*map(attempt, range(32)))) == 1


@pytest.mark.parametrize(
    "change",
    [
        "effective_from = agreed_at + interval '23 hours'",
        "rate_bp = 10001",
        "floor_bp = discount_bp + 1",
        "ceiling_bp = discount_bp - 1",
        "full_at = NULL",
        "agreed_by = proposed_by",
    ],
)
async def test_the_database_refuses_terms_that_the_rules_refuse(town: Database, change: str) -> None:
    async with town.transaction() as session:
        await agree(session, FIXED)
        await agree(session, MOVING)
    with pytest.raises(IntegrityError):
        async with town.transaction() as session:
            await session.execute(text(f"UPDATE corridor SET {change} WHERE version = 2"))  # noqa: S608
