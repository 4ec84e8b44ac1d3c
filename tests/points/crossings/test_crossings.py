"""A crossing step by step, its refusals and its races."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.crossings.decide_crossing import decide_crossing
from services.points.crossings.finish_crossing import finish_crossing
from services.points.crossings.queries import note_discord
from services.points.crossings.repeat_requests import repeat_requests
from services.points.crossings.request_crossing import request_crossing
from services.points.crossings.rules import ANSWER_WITHIN, ASK_AGAIN_AFTER, CellsDisagree, CostsMore, SameCell
from services.points.crossings.tables import Arrival, Crossing, Discord
from services.points.debit_caps.queries import exposures_of
from services.points.debit_caps.rules import DebitCapReached, Exposure
from services.points.debit_caps.set_cap import SetCap, set_cap
from services.points.exchange.rules import NoCorridor
from services.points.exchange.tables import Corridor
from services.points.fraud.rules import Frozen
from services.points.ledger.rules import NotEnoughPoints
from services.points.ledger.tables import Account
from services.points.merchants.tables import Merchant
from shared.database import Database
from shared.events.points import CrossingDecided, CrossingRequested
from shared.outbox import OutboxRow
from tests.points.book import DONGJIANG, NOW, QINGBO, broken, freeze
from tests.points.crossings.cells import CELLS, asking, request
from tests.points.exchange.town import LI, SHOP, ZHANG

Databases = dict[str, Database]


async def told(database: Database, kind: type[CrossingRequested] | type[CrossingDecided]) -> list:  # type: ignore[type-arg]
    """Return what a cell has told of a kind, in order."""
    async with database.transaction() as session:
        rows = await session.scalars(select(OutboxRow.data).where(OutboxRow.type == kind.type).order_by(OutboxRow.id))
        return [kind.model_validate(row) for row in rows]


async def asked(databases: Databases, price: int = 90) -> CrossingRequested:
    """Ask for a purchase in the other cell, and return what that was told."""
    async with databases[QINGBO].transaction() as session:
        await request(session, QINGBO, price)
    message: CrossingRequested = (await told(databases[QINGBO], CrossingRequested))[-1]
    return message


async def decided(databases: Databases, message: CrossingRequested, after: timedelta = timedelta(0)) -> CrossingDecided:
    """Let the other cell decide, and return what it has told."""
    async with databases[DONGJIANG].transaction() as session:
        await decide_crossing(session, message, now=NOW + after)
    answer: CrossingDecided = (await told(databases[DONGJIANG], CrossingDecided))[-1]
    return answer


async def balance(session: AsyncSession, owner: str) -> int | None:
    return await session.scalar(select(Account.balance).where(Account.owner == owner))


async def test_what_the_other_cell_accepts_is_held_until_it_says_so_and_then_captured(databases: Databases) -> None:
    message = await asked(databases)
    assert (message.points, message.paid_points, message.deadline) == (90, 100, NOW + ANSWER_WITHIN)
    async with databases[QINGBO].transaction() as session:
        assert await exposures_of(session, QINGBO, now=NOW + timedelta(days=9)) == {DONGJIANG: Exposure(0, 90)}
        assert await balance(session, f"resident:{ZHANG}") == 10**9
    answer = await decided(databases, message)
    assert (answer.accepted, answer.reason) == (True, None)
    for _ in range(2):  # whatever is told twice has one effect
        async with databases[QINGBO].transaction() as session:
            await finish_crossing(session, answer, now=NOW)
        assert (await decided(databases, message)).decision_no == answer.decision_no
    async with databases[QINGBO].transaction() as session:
        assert await balance(session, f"resident:{ZHANG}") == 10**9 - 100
        assert await session.scalar(select(Crossing.state)) == "captured"
        assert await exposures_of(session, QINGBO, now=NOW) == {DONGJIANG: Exposure(90, 0)}
        assert await broken(session) == []
    async with databases[DONGJIANG].transaction() as session:
        kinds = await session.scalars(select(OutboxRow.type).where(OutboxRow.type.contains("redemption")))
        assert list(kinds) == ["points.redemption-captured.v1"]
        assert await broken(session) == []


@pytest.mark.parametrize(
    ("after", "change", "reason"),
    [
        (ANSWER_WITHIN, None, "late"),
        (timedelta(0), update(Merchant).values(debarred_from=NOW), "merchant"),
        (timedelta(0), delete(Merchant).where(Merchant.merchant_id == SHOP), "merchant"),
        (timedelta(0), update(Corridor).values(effective_from=NOW + timedelta(days=9)), "corridor"),
    ],
)
async def test_what_the_other_cell_refuses_it_never_accepts_and_the_points_are_free(
    databases: Databases, after: timedelta, change: object, reason: str
) -> None:
    message = await asked(databases)
    admin = databases[DONGJIANG]
    if change is not None:
        async with admin.transaction() as session:
            await session.execute(change)  # type: ignore[call-overload]
    answer = await decided(databases, message, after)
    assert (answer.accepted, answer.reason) == (False, reason)
    assert (await decided(databases, message)).accepted is False
    async with databases[QINGBO].transaction() as session:
        await finish_crossing(session, answer, now=NOW)
        assert await session.scalar(select(Crossing.state)) == "released"
        assert await exposures_of(session, QINGBO, now=NOW) == {}
        await request_crossing(session, asking(QINGBO, 9 * 10**8, paid_max=10**9), cell=CELLS[QINGBO], now=NOW)


async def test_what_was_accepted_in_time_and_is_told_late_is_captured_all_the_same(databases: Databases) -> None:
    message = await asked(databases)
    answer = await decided(databases, message, ANSWER_WITHIN - timedelta(microseconds=1))
    async with databases[QINGBO].transaction() as session:
        assert await repeat_requests(session, now=NOW + timedelta(days=30)) == 1
        await finish_crossing(session, answer, now=NOW + timedelta(days=30))
        assert await session.scalar(select(Crossing.state)) == "captured"
        assert await repeat_requests(session, now=NOW + timedelta(days=60)) == 0


async def test_what_is_not_answered_is_asked_again_and_not_sooner(databases: Databases) -> None:
    first = await asked(databases)
    async with databases[QINGBO].transaction() as session:
        assert await repeat_requests(session, now=NOW + ASK_AGAIN_AFTER - timedelta(seconds=1)) == 0
        assert await repeat_requests(session, now=NOW + ASK_AGAIN_AFTER) == 1
        assert await repeat_requests(session, now=NOW + ASK_AGAIN_AFTER) == 0
    assert await told(databases[QINGBO], CrossingRequested) == [first, first]


async def test_a_cell_that_is_away_is_asked_more_and_more_rarely(databases: Databases) -> None:
    await asked(databases)
    async with databases[QINGBO].transaction() as session:
        seconds = range(0, 7200, 30)
        times = [after for after in seconds if await repeat_requests(session, now=NOW + timedelta(seconds=after))]
    assert times[:6] == [30, 60, 120, 240, 480, 960]
    assert {later - sooner for sooner, later in pairwise(times[5:])} == {600}, "but every ten minutes"


async def test_a_crossing_is_refused_before_anything_is_held(databases: Databases) -> None:
    async with databases[QINGBO].transaction() as session:
        await set_cap(session, SetCap(QINGBO, DONGJIANG, 0, 10**8, "staff:c"), now=NOW)
    for change, refusal in (
        ({"to_community": QINGBO}, SameCell),
        ({"paid_max": 99}, CostsMore),
        ({"to_community": "330281002016"}, NoCorridor),
        ({"price": 10**9, "paid_max": 10**10}, NotEnoughPoints),
        ({"price": 10**8 + 1}, DebitCapReached),
    ):
        with pytest.raises(refusal):
            async with databases[QINGBO].transaction() as session:
                await request_crossing(session, asking(QINGBO, **change), cell=CELLS[QINGBO], now=NOW)
    async with databases[QINGBO].transaction() as session:
        await note_discord(session, QINGBO, DONGJIANG, "a test", {}, now=NOW)
        with pytest.raises(CellsDisagree):
            await request(session, QINGBO)
        assert await session.scalar(text("SELECT count(*) FROM hold")) == 0


async def test_who_is_frozen_asks_for_nothing_and_takes_nothing(databases: Databases) -> None:
    message = await asked(databases)
    async with databases[QINGBO].transaction() as session:
        await freeze(session, f"resident:{ZHANG}")
        with pytest.raises(Frozen):
            await request(session, QINGBO)
    async with databases[DONGJIANG].transaction() as session:
        await freeze(session, f"merchant:{SHOP}")
    answer = await decided(databases, message)
    assert (answer.accepted, answer.reason) == (False, "merchant")


async def test_while_two_cells_disagree_nothing_is_decided_and_both_halves_wait(databases: Databases) -> None:
    message = await asked(databases)
    async with databases[DONGJIANG].transaction() as session:
        await note_discord(session, DONGJIANG, QINGBO, "a test", {}, now=NOW)
        await decide_crossing(session, message, now=NOW)
        assert await session.scalar(select(Arrival.accepted)) is None


async def test_a_decision_that_contradicts_what_was_carried_out_is_noted(databases: Databases) -> None:
    message = await asked(databases)
    answer = await decided(databases, message)
    async with databases[QINGBO].transaction() as session:
        await finish_crossing(session, answer, now=NOW)
        await finish_crossing(session, answer.model_copy(update={"accepted": False, "reason": "late"}), now=NOW)
        assert await session.scalar(select(Discord.what)) == "decisions forgotten there"
        assert await session.scalar(select(Crossing.state)) == "captured"


async def test_32_deliveries_of_a_request_and_of_its_answer_at_once_have_one_effect(databases: Databases) -> None:
    message = await asked(databases)
    await asyncio.gather(*(decided(databases, message) for _ in range(32)))
    [answer] = {each.model_dump_json(): each for each in await told(databases[DONGJIANG], CrossingDecided)}.values()

    async def finish() -> None:
        async with databases[QINGBO].transaction() as session:
            await finish_crossing(session, answer, now=NOW)

    await asyncio.gather(*(finish() for _ in range(32)))
    async with databases[QINGBO].transaction() as session:
        assert await balance(session, f"resident:{ZHANG}") == 10**9 - 100
        assert await broken(session) == []
    async with databases[DONGJIANG].transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM arrival")) == 1
        assert await session.scalar(text("SELECT count(*) FROM redemption")) == 1
        assert await balance(session, f"resident:{LI}") == 10**9


async def test_of_32_requests_at_once_only_as_many_are_held_as_there_are_points_for(databases: Databases) -> None:
    async def attempt() -> bool:
        try:
            async with databases[QINGBO].transaction() as session:
                await request(session, QINGBO, 9 * 10**7)
        except NotEnoughPoints:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(32)))) == 10
    async with databases[QINGBO].transaction() as session:
        assert list(await session.scalars(select(Crossing.request_no).order_by(Crossing.request_no))) == [*range(1, 11)]
