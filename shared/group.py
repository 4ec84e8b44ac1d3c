"""Group commit: what requests of one process bring meanwhile is done together, in one transaction (P11).

One that comes alone is begun at once. While a batch is under way others collect, and are the next one: the more there
are, the larger the batch and the less each costs, without anybody having to wait for company.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.database import is_passing

BATCHES_AT_ONCE = 2
BATCH_WEIGHT_MAX = 500
WAITING_WEIGHT_MAX = 20_000
ATTEMPTS = 3
RETRY_S = 0.1

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

log = structlog.get_logger()


class Overloaded(Exception):  # noqa: N818 - the caller's turn to wait, not a fault
    """More wait than can be done in good time, or the process is about to stop; nothing was done."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting(Generic[ItemT, AnswerT]):
    item: ItemT
    weight: int
    answer: asyncio.Future[AnswerT]


class Group(Generic[ItemT, AnswerT]):
    """Collects items, and has batches of them done.

    Args:
        do: Does a batch in one transaction of its own and returns an answer for each item, in their order. An item
            that is refused has that as its answer. When it raises, nothing of the batch was done, or its commit was
            not confirmed: it must bear to be given the same items again.
    """

    def __init__(self, do: Callable[[Sequence[ItemT]], Awaitable[Sequence[AnswerT]]]) -> None:
        self._do = do
        self._waiting: deque[_Waiting[ItemT, AnswerT]] = deque()
        self._weight = 0
        self._workers: set[asyncio.Task[None]] = set()
        self._draining = False
        self._context = contextvars.copy_context()  # a batch belongs to no caller's trace

    async def submit(self, item: ItemT, weight: int = 1) -> AnswerT:
        """Return the item's answer, once it is durable. A caller that leaves before does not undo what it brought.

        Args:
            item: What is to be done.
            weight: How much work it is; a batch weighs at most BATCH_WEIGHT_MAX, unless it is one item.

        Raises:
            Overloaded: More than WAITING_WEIGHT_MAX waits.
            Exception: Whatever keeps this item from being done alone, or all of them; it may be brought again.
        """
        if self._draining or self._weight + weight > WAITING_WEIGHT_MAX:
            raise Overloaded
        answer: asyncio.Future[AnswerT] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(item, weight, answer))
        self._weight += weight
        if len(self._workers) < BATCHES_AT_ONCE:
            self._workers.add(asyncio.get_running_loop().create_task(self._work(), context=self._context))
        return await answer

    async def drain(self) -> None:
        """Take nothing more, and do what waits."""
        self._draining = True
        while self._workers:
            await asyncio.gather(*self._workers)

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._answer(self._take())
        finally:
            self._workers -= {asyncio.current_task()}  # in the same turn: who comes now must find a place free

    def _take(self) -> Sequence[_Waiting[ItemT, AnswerT]]:
        batch = [self._waiting.popleft()]
        weight = batch[0].weight
        while self._waiting and weight + self._waiting[0].weight <= BATCH_WEIGHT_MAX:
            batch.append(self._waiting.popleft())
            weight += batch[-1].weight
        self._weight -= weight
        return batch

    async def _answer(self, batch: Sequence[_Waiting[ItemT, AnswerT]]) -> None:
        """Answer each; of a batch that fails, the one that makes it fail is found by halves and alone has the error."""
        try:
            answered = list(zip(batch, await self._try([one.item for one in batch]), strict=True))
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for an answer
            if len(batch) > 1 and not is_passing(error):
                log.warning("batch halved", error=type(error).__name__, items=len(batch))
                middle = len(batch) // 2
                await self._answer(batch[:middle])
                await self._answer(batch[middle:])
                return
            for one in batch:
                if not one.answer.done():
                    one.answer.set_exception(error)
        else:
            for one, answer in answered:
                if not one.answer.done():
                    one.answer.set_result(answer)

    async def _try(self, items: Sequence[ItemT]) -> Sequence[AnswerT]:
        """Do a batch, and do it again after what passes by: a deadlock, a lost connection, another process's race."""
        for attempt in range(1, ATTEMPTS):
            try:
                return await self._do(items)
            except PoolTimeoutError:
                raise  # it has waited long enough
            except Exception as error:
                if not (is_passing(error) or isinstance(error, IntegrityError)):
                    raise
                log.warning("batch done again", error=type(error).__name__, items=len(items))
                await asyncio.sleep(RETRY_S * (attempt - 1))
        return await self._do(items)
