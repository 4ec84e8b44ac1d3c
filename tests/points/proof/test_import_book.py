"""A book that is exported and imported is the same book."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from services.points.ledger.post import post
from services.points.ledger.queries import check_integrity
from services.points.ledger.rules import AlreadyPosted, AssetClass, hold_of, resident
from services.points.proof.check_chain import check_chain
from services.points.proof.export_book import export_book
from services.points.proof.import_book import BookRefusedError, import_book
from services.points.proof.rules import SealingKey
from shared.database import Database
from tests.ground import MakeDatabase
from tests.hledger import hledger
from tests.points.book import DONGJIANG, NOW, QINGBO, grant, post_linked
from tests.points.ledger.test_integrity import write_book
from tests.points.proof.ground import KEY, new_private_key, seal_all
from tests.points.proof.test_export_journal import balances, journal_of
from verifier.books import check_book
from verifier.seals import load_key

KEYS = [load_key(KEY.public.encode())]
STATE = (
    """
    SELECT asset_class, kind, owner, floor, balance FROM account
    WHERE community_code = :code AND balance <> 0 ORDER BY 1, 3
    """,
    """
    SELECT lot_id, issuer, activity, expires_on, parent_lot_id, earned, remaining FROM lot
    WHERE community_code = :code ORDER BY 1
    """,
)


async def exported(points: Database, community_code: str = QINGBO) -> list[bytes]:
    async with points.transaction() as session:
        book = b"".join([piece async for piece in export_book(session, community_code)])
    return book.splitlines(keepends=True)


async def imported(points: Database, lines: list[bytes]) -> None:
    async with points.transaction() as session:
        await import_book(session, lines, [KEY.public])


async def state(points: Database, community_code: str = QINGBO) -> list[list[tuple[object, ...]]]:
    """Read what accounts and lots hold in a book, but not what only that database calls its accounts."""
    async with points.transaction() as session:
        asked = [await session.execute(text(query), {"code": community_code}) for query in STATE]
        return [[tuple(row) for row in rows] for rows in asked]


@pytest.fixture
async def elsewhere(make_database: MakeDatabase) -> Database:
    """An empty database of another platform."""
    return Database((await make_database("points")).app, name="elsewhere")


@pytest.mark.proves("P17")
@pytest.mark.hledger
async def test_what_is_exported_imported_and_exported_again_has_the_same_bytes_and_hledger_agrees(
    points: Database, elsewhere: Database, tmp_path: Path
) -> None:
    await write_book(points)
    for code in (QINGBO, DONGJIANG):
        book = await exported(points, code)
        await imported(elsewhere, book)
        assert await exported(elsewhere, code) == book
        assert check_book(book, KEYS).windows == 2
        assert await state(elsewhere, code) == await state(points, code)
        journal = await journal_of(elsewhere, code)
        assert journal == await journal_of(points, code)
        assert hledger(journal, tmp_path, "check").returncode == 0
        kept, _ = await state(points, code)
        added_up = balances(hledger(journal, tmp_path, "balance", "--flat", "--output-format=json").stdout)
        assert kept
        assert all(added_up[str(owner)][str(unit)] == balance for unit, _, owner, _, balance in kept)
    async with elsewhere.transaction() as session:
        assert not [finding for finding in await check_integrity(session) if finding.broken]
        assert not any((await check_chain(session, [KEY.public])).values())


async def test_an_imported_book_goes_on_where_it_was(points: Database, elsewhere: Database) -> None:
    await write_book(points)
    book = await exported(points)
    await imported(elsewhere, book)
    async with elsewhere.transaction() as session:
        await grant(session, uuid.uuid4(), 3)
    assert await seal_all(elsewhere) == 1
    longer = await exported(elsewhere)
    assert longer[: len(book) - 1] == book[:-1]
    assert check_book(longer, KEYS).windows == 3


async def test_a_book_is_not_imported_over_another(points: Database) -> None:
    await write_book(points)
    with pytest.raises(BookRefusedError, match="there is a book"):
        await imported(points, await exported(points))


async def refused(elsewhere: Database, lines: list[bytes], why: str) -> None:
    with pytest.raises(BookRefusedError, match=why):
        await imported(elsewhere, lines)
    assert await state(elsewhere) == [[], []]
    assert len(await exported(elsewhere)) == 2


async def test_a_book_that_does_not_fit_is_refused_and_leaves_nothing(points: Database, elsewhere: Database) -> None:
    await write_book(points)
    book = await exported(points)
    last = next(place for place in range(len(book) - 1, 0, -1) if b'"record"' in book[place])
    changed = [*book[:last], book[last].replace(b'"reference":"', b'"reference":"!'), *book[last + 1 :]]
    await refused(elsewhere, changed, "does not fit its seals: window 2")
    await refused(elsewhere, book[:-1], "breaks off")
    await refused(elsewhere, [*book[: last + 1], book[-1]], "breaks off")
    await refused(elsewhere, [book[0].replace(b":1}", b":2}")], "not a book of version 1")
    await refused(elsewhere, [book[0].replace(b"051", b"052"), *book[1:]], "window 1")
    await refused(elsewhere, [b"{}\n"], "malformed")
    await refused(elsewhere, [], "malformed")


async def test_a_book_that_another_key_sealed_is_refused(points: Database, elsewhere: Database) -> None:
    async with points.transaction() as session:
        await grant(session, uuid.uuid4(), 3)
    await seal_all(points, SealingKey(new_private_key()))
    await refused(elsewhere, await exported(points), "not signed by a key that is trusted")


async def test_a_hold_that_an_imported_book_tells_of_is_not_placed_again(points: Database, elsewhere: Database) -> None:
    resident_id = uuid.uuid4()
    held = hold_of((QINGBO, AssetClass.SERVICE, resident(resident_id)), "booking:1", 2, NOW + timedelta(days=1))
    async with points.transaction() as session:
        await grant(session, resident_id, 3)
        await post_linked(session, held)
    await seal_all(points)
    await imported(elsewhere, await exported(points))
    async with elsewhere.transaction() as session:
        [again] = await post(session, [[held]], now=NOW)
        assert isinstance(again, AlreadyPosted)
