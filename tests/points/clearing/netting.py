"""Netting windows in the hands of a test: debts that arise from exchanges, and windows as far as they should come."""

import asyncio
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.compute_window import compute_window
from services.points.clearing.confirm_window import confirm_window
from services.points.clearing.open_window import close_window, open_window
from services.points.clearing.queries import debts_of, positions_of
from services.points.clearing.rules import Method, Payment
from services.points.clearing.settle_window import settle_window
from services.points.ledger.queries import check_integrity
from services.points.ledger.rules import AssetClass, PostTransfer, TransferKind, clearing, merchant, resident
from shared.database import Database
from tests.points.book import grant, post_linked

NOW = datetime(2026, 6, 15, tzinfo=UTC)
AREA = "330102001"
MAKER, CHECKER = "staff:maker", "staff:checker"
SHOP = merchant(uuid.UUID(int=7))


def exchange(debtor: uuid.UUID, debt: Payment) -> list[PostTransfer]:
    """Describe how a resident of the debtor's community spends points at a shop of the creditor's."""
    reference = uuid.uuid4().hex

    def transfer(code: str, *amounts: object) -> PostTransfer:
        return PostTransfer(code, AssetClass.SERVICE, TransferKind.REDEEM, reference, amounts)  # type: ignore[arg-type]

    return [
        transfer(debt.debtor, (resident(debtor), -debt.points), (clearing(debt.creditor), debt.points)),
        transfer(debt.creditor, (clearing(debt.debtor), -debt.points), (SHOP, debt.points)),
    ]


async def spend(session: AsyncSession, *debts: Payment) -> None:
    """Have residents spend so that these debts arise."""
    for debt in debts:
        somebody = uuid.uuid4()
        await grant(session, somebody, debt.points, community_code=debt.debtor)
        await post_linked(session, *exchange(somebody, debt))


async def opened(session: AsyncSession, method: Method = Method.COMPRESSED, area: str = AREA) -> int:
    return (await open_window(session, area, method, by=MAKER, now=NOW)).number


async def at_rest(points: Database) -> None:
    """Wait until every transaction of the server, of other tests too, that began before now has ended."""
    async with points.transaction() as session:
        now = await session.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
    below = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > :now")
    while not await _look(points, below, now=now):  # noqa: ASYNC110 - the server rings no bell
        await asyncio.sleep(0.02)


async def _look(points: Database, query: TextClause, **given: object) -> object:
    async with points.transaction() as session:
        return await session.scalar(query, given)


async def computed(points: Database, method: Method = Method.COMPRESSED) -> int:
    """Open, close and compute a window, each in a transaction of its own; returns its number."""
    async with points.transaction() as session:
        number = await opened(session, method)
    await at_rest(points)
    async with points.transaction() as session:
        await close_window(session, number, now=NOW)
    async with points.transaction() as session:
        await compute_window(session, number, by=MAKER)
    return number


async def settled(points: Database, number: int) -> None:
    """Confirm a window by all that take part, and settle it."""
    async with points.transaction() as session:
        debts = await debts_of(session, number)
        for code in {code for debt in debts for code in (debt.debtor, debt.creditor)}:
            await confirm_window(session, number, code, by=f"staff:{code}", now=NOW)
        await settle_window(session, number, by=CHECKER, now=NOW)


async def broken(points: Database) -> Mapping[str, int]:
    async with points.transaction() as session:
        return {each.invariant: each.broken for each in await check_integrity(session) if each.broken}


async def owed(points: Database, code: str) -> dict[str, int]:
    async with points.transaction() as session:
        return {each.counterparty: each.owed for each in await positions_of(session, code) if each.owed}
