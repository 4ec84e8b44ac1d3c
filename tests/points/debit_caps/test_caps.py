"""Net debit caps at their edge, over all windows that are not settled."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.compute_window import compute_window
from services.points.clearing.confirm_window import confirm_window
from services.points.clearing.open_window import close_window, open_window
from services.points.clearing.rules import Method
from services.points.clearing.settle_window import settle_window
from services.points.communities.rules import CommunityUnknown
from services.points.debit_caps.cover_quote import cover_quote
from services.points.debit_caps.queries import caps_of, exposures_of
from services.points.debit_caps.rules import ALL, Cap, CapOutOfOrder, DebitCapReached, Exposure
from services.points.debit_caps.set_cap import SetCap, set_cap
from services.points.exchange.make_quote import QUOTE_HOLDS
from services.points.exchange.release_quote import release_quote
from services.points.exchange.rules import BASIS, Terms
from shared.database import Database
from shared.outbox import OutboxRow
from tests.points.book import DONGJIANG, NOW, QINGBO, broken
from tests.points.clearing.netting import at_rest
from tests.points.exchange.town import CORNER_SHOP, LI, SHOP, ZHANG, agree, buy, execute, quote, settle_in

PAR = Terms(BASIS, 0)


@pytest.fixture
async def town(points: Database) -> Database:
    """Two communities that take each other's points at par."""
    async with points.transaction() as session:
        await settle_in(session, 100_000)
        for there in ((QINGBO, DONGJIANG), (DONGJIANG, QINGBO)):
            await agree(session, PAR, there=there)
    return points


async def cap(town: Database, soft: int, hard: int, counterparty: str = DONGJIANG) -> None:
    async with town.transaction() as session:
        await set_cap(session, SetCap(QINGBO, counterparty, soft, hard, "staff:c"), now=NOW)


async def attempts(town: Database, price: int, times: int = 64) -> int:
    """Let many workers quote and execute at once; returns how many were not refused by a cap."""

    async def attempt() -> bool:
        try:
            await buy(town, ZHANG, SHOP, price)
        except DebitCapReached:
            return False
        return True

    return sum(await asyncio.gather(*(attempt() for _ in range(times))))


async def told(session: AsyncSession) -> list[tuple[str, int]]:
    """Return what was told of soft limits: whom it is about, and what was owed."""
    rows = await session.scalars(select(OutboxRow.data).where(OutboxRow.type == "points.soft-limit-passed.v1"))
    return [(row["counterparty"], row["points"]) for row in rows]


@pytest.mark.proves("P24")
async def test_64_workers_never_pass_a_cap_whatever_windows_are_under_way_and_the_soft_limit_tells_first(
    town: Database,
) -> None:
    await cap(town, 70, 100)
    assert await attempts(town, 10) == 10
    async with town.transaction() as session:
        assert await exposures_of(session, QINGBO, now=NOW) == {DONGJIANG: Exposure(100, 0)}
        assert await told(session) == [(DONGJIANG, 80)]
        first = await open_window(session, "33", Method.BILATERAL, by="staff:d", now=NOW)
    await at_rest(town)
    async with town.transaction() as session:
        await close_window(session, first.number, now=NOW)
        await compute_window(session, first.number, by="staff:d")
    await cap(town, 150, 151)  # what is in the first window still counts
    assert await attempts(town, 10) == 5
    await cap(town, 1, 201, ALL)  # and all others together have a cap of their own
    await cap(town, 1, 10_000)
    assert await attempts(town, 10) == 5
    async with town.transaction() as session:
        for code in (QINGBO, DONGJIANG):
            await confirm_window(session, first.number, code, by="staff:e", now=NOW)
        await settle_window(session, first.number, by="staff:f", now=NOW)
        assert await exposures_of(session, QINGBO, now=NOW) == {DONGJIANG: Exposure(100, 0)}
    assert await attempts(town, 10) == 10  # the settled hundred is room again
    async with town.transaction() as session:
        assert await broken(session) == []


async def test_64_quotes_at_once_never_pass_a_cap_and_each_that_was_given_is_executed(town: Database) -> None:
    await cap(town, 0, 320)

    async def attempt() -> bool:
        try:
            async with town.transaction() as session:
                quoted = await quote(session, ZHANG, SHOP, 10)
        except DebitCapReached:
            return False
        async with town.transaction() as session:
            await execute(session, quoted)
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(64)))) == 32


async def test_an_open_quote_counts_until_it_expires_or_is_given_up(town: Database) -> None:
    await cap(town, 50, 100)
    async with town.transaction() as session:
        quoted = await quote(session, ZHANG, SHOP, 60)
        assert await exposures_of(session, QINGBO, now=NOW) == {DONGJIANG: Exposure(0, 60)}
    with pytest.raises(DebitCapReached) as refused:
        await buy(town, ZHANG, SHOP, 41)
    assert (refused.value.left, refused.value.required) == (40, 41)
    async with town.transaction() as session:
        await release_quote(session, ZHANG, quoted.quote_id, now=NOW)
        await quote(session, ZHANG, SHOP, 100)
        assert await exposures_of(session, QINGBO, now=NOW + QUOTE_HOLDS) == {}


async def test_what_is_refused_holds_nothing(town: Database) -> None:
    await cap(town, 0, 100)
    with pytest.raises(DebitCapReached):
        await buy(town, ZHANG, SHOP, 101)
    async with town.transaction() as session:
        await quote(session, ZHANG, CORNER_SHOP, 100_000)


async def test_what_the_other_side_spends_here_is_room(town: Database) -> None:
    await cap(town, 0, 100)
    await buy(town, LI, CORNER_SHOP, 50)
    await buy(town, ZHANG, SHOP, 150)
    with pytest.raises(DebitCapReached):
        await buy(town, ZHANG, SHOP, 1)


async def test_a_cap_lowered_below_what_is_owed_stops_what_comes_but_no_quote_that_was_given(town: Database) -> None:
    async with town.transaction() as session:
        quoted = await quote(session, ZHANG, SHOP, 60)
    await cap(town, 0, 10)
    with pytest.raises(DebitCapReached):
        await buy(town, ZHANG, SHOP, 1)
    async with town.transaction() as session:
        await execute(session, quoted)


async def test_within_its_own_community_a_cap_stops_nobody(town: Database) -> None:
    await cap(town, 0, 0, ALL)
    await buy(town, ZHANG, CORNER_SHOP, 60)


async def test_caps_have_versions_of_which_the_latest_holds_and_impossible_ones_are_refused(town: Database) -> None:
    await cap(town, 1, 2)
    await asyncio.gather(*(cap(town, 3, 4) for _ in range(8)))
    async with town.transaction() as session:
        assert await caps_of(session, QINGBO) == [Cap(DONGJIANG, 3, 4)]
        for counterparty, soft, refusal in ((DONGJIANG, 5, CapOutOfOrder), (QINGBO, 0, CapOutOfOrder)):
            with pytest.raises(refusal):
                await set_cap(session, SetCap(QINGBO, counterparty, soft, 4, "staff:c"), now=NOW)
        with pytest.raises(CommunityUnknown):
            await set_cap(session, SetCap(QINGBO, "330102001999", 0, 4, "staff:c"), now=NOW)


async def test_who_waited_for_others_is_judged_by_the_cap_that_was_lowered_meanwhile(town: Database) -> None:
    await cap(town, 70, 100)
    async with town.transaction() as first:
        await cover_quote(first, QINGBO, DONGJIANG, 0, now=NOW)
        waiting = asyncio.create_task(attempts(town, 60, times=1))
        await asyncio.sleep(0.2)
        await cap(town, 10, 50)
    assert await waiting == 0
