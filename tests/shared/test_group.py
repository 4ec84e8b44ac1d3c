"""Group commit: who is done with whom, and what becomes of those who leave, fail or come too late."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from sqlalchemy.exc import IntegrityError

from shared import group
from shared.group import Group, Overloaded


class Work:
    """Answers each item with its double, and notes the batches; a door holds them up."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.door = asyncio.Event()
        self.faults: list[Exception] = []

    async def do(self, items: Sequence[int]) -> list[int]:
        """Do a batch, or fail."""
        self.batches.append(list(items))
        await self.door.wait()
        if self.faults:
            raise self.faults.pop(0)
        return [2 * item for item in items]


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "BATCHES_AT_ONCE", 1)
    monkeypatch.setattr(group, "RETRY_S", 0)


def start(grouped: Group[int, int], *items: int) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(grouped.submit(item)) for item in items]


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_that_comes_alone_waits_for_nobody() -> None:
    work = Work()
    work.door.set()
    grouped = Group(work.do)
    assert [await grouped.submit(item) for item in (1, 2)] == [2, 4]
    assert work.batches == [[1], [2]]


async def test_those_who_come_while_a_batch_is_under_way_are_the_next_in_their_order() -> None:
    work = Work()
    grouped = Group(work.do)
    tasks = start(grouped, 1)
    await turns()
    tasks += start(grouped, *range(2, 34))
    await turns()
    work.door.set()
    assert await asyncio.gather(*tasks) == [2 * item for item in range(1, 34)]
    assert work.batches == [[1], list(range(2, 34))]


async def test_a_batch_weighs_no_more_than_it_may_unless_it_is_one_item(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "BATCH_WEIGHT_MAX", 10)
    work = Work()
    work.door.set()
    grouped = Group(work.do)
    weights = {1: 4, 2: 6, 3: 1, 4: 30, 5: 9}
    await asyncio.gather(*(grouped.submit(item, weight) for item, weight in weights.items()))
    assert work.batches == [[1, 2], [3], [4], [5]]


async def test_who_would_wait_too_long_is_told_at_once_and_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "WAITING_WEIGHT_MAX", 32)
    work = Work()
    grouped = Group(work.do)
    first = start(grouped, 0)
    await turns()
    waiting = start(grouped, *range(1, 65))
    await turns()
    work.door.set()
    answers = await asyncio.gather(*first, *waiting, return_exceptions=True)
    assert answers[:33] == [2 * item for item in range(33)]
    assert {type(answer) for answer in answers[33:]} == {Overloaded}
    assert work.batches == [[0], list(range(1, 33))]


async def test_a_caller_that_leaves_does_not_undo_what_it_brought() -> None:
    work = Work()
    grouped = Group(work.do)
    leaving, staying = start(grouped, 1, 2)
    late = start(grouped, 3)
    await turns()
    leaving.cancel()
    late[0].cancel()
    await turns()
    work.door.set()
    assert await staying == 4
    await grouped.drain()
    assert sorted(item for batch in work.batches for item in batch) == [1, 2, 3]
    assert leaving.cancelled()


def poisoned(item: int, seen: list[list[int]]) -> Callable[[Sequence[int]], Awaitable[list[int]]]:
    async def do(items: Sequence[int]) -> list[int]:
        seen.append(list(items))
        await asyncio.sleep(0)
        if item in items:
            raise ValueError(f"cannot be written: {item}")
        return list(items)

    return do


async def test_one_that_makes_a_batch_fail_is_found_and_fails_alone() -> None:
    seen: list[list[int]] = []
    grouped = Group(poisoned(17, seen))
    answers = await asyncio.gather(*start(grouped, *range(32)), return_exceptions=True)
    assert [one for one in answers if not isinstance(one, ValueError)] == [one for one in range(32) if one != 17]
    assert str(answers[17]) == "cannot be written: 17"
    assert len(seen) == 1 + 2 * 5, "by halves"


@pytest.mark.parametrize("fault", [ConnectionResetError(), IntegrityError("INSERT", {}, Exception())])
async def test_a_batch_is_done_again_after_what_passes_by(fault: Exception) -> None:
    work = Work()
    work.faults = [fault]
    work.door.set()
    assert await asyncio.gather(*start(Group(work.do), 1, 2)) == [2, 4]
    assert work.batches == [[1, 2], [1, 2]]


async def test_while_the_database_is_away_each_is_told_and_may_come_again() -> None:
    work = Work()
    work.faults = [ConnectionRefusedError() for _ in range(group.ATTEMPTS)]
    work.door.set()
    grouped = Group(work.do)
    answers = await asyncio.gather(*start(grouped, 1, 2), return_exceptions=True)
    assert {type(answer) for answer in answers} == {ConnectionRefusedError}
    assert await grouped.submit(1) == 2


async def test_what_waits_at_the_end_is_done_and_nothing_more_is_taken() -> None:
    work = Work()
    grouped = Group(work.do)
    tasks = start(grouped, *range(32))
    await turns()
    draining = asyncio.create_task(grouped.drain())
    await turns()
    with pytest.raises(Overloaded):
        await grouped.submit(99)
    work.door.set()
    await draining
    assert [task.result() for task in tasks] == [2 * item for item in range(32)]
