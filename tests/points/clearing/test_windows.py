"""Netting windows, from opening to settlement, among concurrent exchanges."""

import asyncio
import uuid

import pytest
from sqlalchemy import text

from services.points.clearing.compute_window import compute_window
from services.points.clearing.confirm_window import abort_window, confirm_window
from services.points.clearing.open_window import close_window
from services.points.clearing.queries import debts_of, get_window, payments_in, settlement_file
from services.points.clearing.rules import (
    HOUSE,
    EarlierWindowPending,
    Method,
    NoPartInWindow,
    Payment,
    SamePersonSettles,
    WindowNotReady,
    WindowOpenAlready,
    WindowState,
    WindowUnknown,
)
from services.points.clearing.settle_window import settle_window
from services.points.ledger.queries import check_integrity
from shared.database import Database
from tests.points.book import granting, post_linked
from tests.points.clearing.netting import (
    AREA,
    CHECKER,
    MAKER,
    NOW,
    at_rest,
    broken,
    computed,
    exchange,
    opened,
    owed,
    settled,
    spend,
)
from tests.points.clearing.test_rules import COMPRESSED, DEBTS, A, B, C, D, E


@pytest.mark.proves("P23")
@pytest.mark.parametrize("method", list(Method))
async def test_five_communities_settle_to_the_unit_and_no_residue_is_left(points: Database, method: Method) -> None:
    async with points.transaction() as session:
        await spend(session, *DEBTS)
    number = await computed(points, method)
    async with points.transaction() as session:
        assert await debts_of(session, number) == sorted(DEBTS)
        if method is Method.COMPRESSED:
            assert await payments_in(session, number) == COMPRESSED
    await settled(points, number)
    assert [await owed(points, code) for code in (A, B, C, D, E)] == [{}] * 5
    async with points.transaction() as session:
        rows = await session.execute(
            text(
                "SELECT community_code, sum(amount)::bigint FROM entry JOIN account USING (community_code, account_id) "
                "WHERE kind = 'settlement' GROUP BY 1"
            )
        )
        assert dict(rows.all()) == {A: 80, B: -65, C: 10, D: -20, E: -5}
    assert not await broken(points)


@pytest.mark.proves("P23")
async def test_a_window_is_closed_by_sequence_so_what_commits_late_is_in_the_next_one_whole(points: Database) -> None:
    async with points.transaction() as session:
        await spend(session, Payment(A, B, 10))
    async with points.transaction() as session:
        number = await opened(session)
    await at_rest(points)
    async with points.transaction() as late:
        await spend(late, Payment(A, B, 7))
        async with points.transaction() as session:
            await spend(session, Payment(B, A, 1))  # commits before the window closes, and yet began after the late one
        async with points.transaction() as session:
            await close_window(session, number, now=NOW)
    async with points.transaction() as session:
        await compute_window(session, number, by=MAKER)
        first = await debts_of(session, number)
    following = await computed(points)
    async with points.transaction() as session:
        second = await debts_of(session, following)
    assert (first, second) == ([Payment(A, B, 10)], [Payment(A, B, 6)])


@pytest.mark.proves("P23")
async def test_what_an_aborted_window_held_is_in_the_next_and_settled_once(points: Database) -> None:
    async with points.transaction() as session:
        await spend(session, Payment(A, B, 10))
    aborted = await computed(points)
    async with points.transaction() as session:
        await abort_window(session, aborted, by=CHECKER, because="B disagrees")
        await spend(session, Payment(A, B, 5), Payment(B, C, 3))
    number = await computed(points)
    async with points.transaction() as session:
        assert await debts_of(session, number) == [Payment(A, B, 15), Payment(B, C, 3)]
    await settled(points, number)
    assert await owed(points, B) == {}


@pytest.mark.proves("P23")
async def test_two_windows_that_wait_to_be_settled_share_no_debt(points: Database) -> None:
    async with points.transaction() as session:
        await spend(session, Payment(A, B, 10))
    first = await computed(points)
    async with points.transaction() as session:
        await spend(session, Payment(B, A, 4))
    second = await computed(points)
    await settled(points, second)
    await settled(points, first)
    async with points.transaction() as session:
        assert await debts_of(session, first) == [Payment(A, B, 10)]
        assert await debts_of(session, second) == [Payment(B, A, 4)]
    assert await owed(points, A) == {}
    assert not await broken(points)


@pytest.mark.proves("P23")
async def test_32_who_settle_at_once_settle_once(points: Database) -> None:
    async with points.transaction() as session:
        await spend(session, *DEBTS)
    number = await computed(points)

    async def settle() -> str:
        try:
            async with points.transaction() as session:
                return (await settle_window(session, number, by=CHECKER, now=NOW)).state
        except WindowNotReady as refusal:
            return refusal.state

    async with points.transaction() as session:
        for code in (A, B, C, D, E):
            await confirm_window(session, number, code, by=f"staff:{code}", now=NOW)
    assert await asyncio.gather(*(settle() for _ in range(32))) == [WindowState.SETTLED] * 32
    async with points.transaction() as session:
        transfers = await session.scalar(text("SELECT count(*) FROM transfer WHERE kind = 'settle'"))
        told = await session.scalar(text("SELECT count(*) FROM outbox WHERE type = 'points.community-settled.v1'"))
    assert (transfers, told) == (2 * len(DEBTS), 5)


async def test_a_window_that_was_seen_before_it_was_locked_is_judged_as_it_is_now(points: Database) -> None:
    number = await computed(points)
    async with points.transaction() as session:
        seen = await get_window(session, number)
        async with points.transaction() as other:
            await settle_window(other, number, by=CHECKER, now=NOW)
        with pytest.raises(WindowNotReady, match="settled"):  # else it would be settled, and its debts in the next too
            await abort_window(session, number, by=CHECKER, because="too late")
        assert seen.state == WindowState.SETTLED


async def test_of_32_who_open_a_window_of_overlapping_areas_one_does(points: Database) -> None:
    async def open_one(area: str) -> bool:
        try:
            async with points.transaction() as session:
                await opened(session, area=area)
        except WindowOpenAlready:
            return False
        return True

    areas = [AREA, "330102", "3301", "330102001051"] * 8
    assert sum(await asyncio.gather(*map(open_one, areas))) == 1
    assert await open_one("330281")


async def test_a_window_waits_for_all_that_take_part_and_for_nobody_else(points: Database) -> None:
    async with points.transaction() as session:
        await spend(session, Payment(A, B, 10))
    number = await computed(points)
    async with points.transaction() as session:
        assert (await confirm_window(session, number, A, by="staff:a", now=NOW)).state == WindowState.COMPUTED
        assert (await confirm_window(session, number, A, by="staff:a", now=NOW)).state == WindowState.COMPUTED
        with pytest.raises(NoPartInWindow):
            await confirm_window(session, number, C, by="staff:c", now=NOW)
        with pytest.raises(WindowNotReady):
            await settle_window(session, number, by=CHECKER, now=NOW)
        assert (await confirm_window(session, number, B, by="staff:b", now=NOW)).state == WindowState.CONFIRMED
        with pytest.raises(SamePersonSettles):
            await settle_window(session, number, by=MAKER, now=NOW)


async def test_a_window_without_debts_needs_nobodys_consent(points: Database) -> None:
    number = await computed(points)
    async with points.transaction() as session:
        assert (await settle_window(session, number, by=CHECKER, now=NOW)).state == WindowState.SETTLED


async def test_each_step_is_refused_out_of_its_turn(points: Database) -> None:
    async with points.transaction() as session:
        number = await opened(session)
        with pytest.raises(WindowNotReady):
            await compute_window(session, number, by=MAKER)
        with pytest.raises(WindowNotReady):
            await confirm_window(session, number, A, by="staff:a", now=NOW)
        with pytest.raises(WindowUnknown):
            await close_window(session, number + 1, now=NOW)
        await close_window(session, number, now=NOW)
        with pytest.raises(WindowNotReady):
            await close_window(session, number, now=NOW)
        later = await opened(session)
        await close_window(session, later, now=NOW)
        with pytest.raises(EarlierWindowPending):
            await compute_window(session, later, by=MAKER)
        await abort_window(session, number, by=CHECKER, because="not needed")
        with pytest.raises(WindowNotReady):
            await abort_window(session, number, by=CHECKER, because="again")
        assert (await compute_window(session, later, by=MAKER)).state == WindowState.CONFIRMED


async def test_a_window_that_waits_elsewhere_keeps_nobody_from_computing(points: Database) -> None:
    async with points.transaction() as session:
        await close_window(session, await opened(session, area="330281"), now=NOW)
        district = await opened(session, area="330102")
        await close_window(session, district, now=NOW)
        street = await opened(session)
        await close_window(session, street, now=NOW)
        with pytest.raises(EarlierWindowPending, match=f"Window {district} "):
            await compute_window(session, street, by=MAKER)
        for number in (district, street):
            assert (await compute_window(session, number, by=MAKER)).state == WindowState.CONFIRMED


async def test_a_settlement_file_adds_up_and_is_the_same_each_time(points: Database) -> None:
    async with points.transaction() as session:
        await spend(session, *DEBTS)
    number = await computed(points, Method.MULTILATERAL)
    async with points.transaction() as session:
        written = await settlement_file(session, number, B)
        assert await settlement_file(session, number, B) == written
    head = f"{number},computed,{B}"
    assert written.splitlines() == [
        "window,state,community,line,counterparty,points",
        f"{head},debt,{A},-120",
        f"{head},debt,{C},80",
        f"{head},debt,{E},-25",
        f"{head},payment,{HOUSE},-65",
        f"{head},net,{HOUSE},-65",
    ]


@pytest.mark.proves("P22")
async def test_two_books_agree_on_what_is_owed_at_every_commit_while_32_exchange_and_windows_are_settled(
    points: Database,
) -> None:
    seen: list[int] = []
    done = asyncio.Event()

    async def look() -> None:
        while not done.is_set():
            async with points.transaction() as session:
                [finding] = [f for f in await check_integrity(session) if f.invariant == "clearing_is_mirrored"]
                moved = await session.scalar(text("SELECT count(*) FROM entry"))
            assert finding.broken == 0
            seen.append(moved or 0)

    async def trade(n: int) -> None:
        code, other = (A, B) if n % 2 else (B, C)
        somebody = uuid.uuid4()
        async with points.transaction() as session:
            await post_linked(session, granting(somebody, 100, community_code=code))
        for _ in range(5):
            async with points.transaction() as session:
                await post_linked(session, *exchange(somebody, Payment(code, other, n + 1)))

    looking = asyncio.create_task(look())
    trading = asyncio.gather(*(trade(n) for n in range(20)), *(trade(n) for n in range(12)))
    for _ in range(3):
        await settled(points, await computed(points))
    await trading
    await settled(points, await computed(points))
    done.set()
    await looking
    assert len(set(seen)) > 3
    assert await owed(points, B) == {}
    assert not await broken(points)
