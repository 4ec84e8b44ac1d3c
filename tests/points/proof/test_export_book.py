"""An exported book, as the verifier reads it: what is sound holds, and of what is not the first line is named."""

import json
import random
import re
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, PostTransfer, TransferKind, hold_of, merchant, release_of, resident
from services.points.proof.export_book import export_book
from services.points.proof.rules import SealingKey, canonical, leaf_hash, linked
from shared.database import Database
from tests.points.book import NOW, QINGBO, grant
from tests.points.proof.ground import KEY, new_private_key, seal_all
from verifier.books import check_book
from verifier.seals import UnfitError, load_key

KEYS = [load_key(KEY.public.encode())]
NAMED = re.compile(r"^line (\d+): ")


async def sealed_book(points: Database, key: SealingKey = KEY, windows: int = 2) -> bytes:
    """Post and refuse some things in some windows, and export the book."""
    who = uuid.uuid4()
    for _ in range(windows):
        async with points.transaction() as session:
            await grant(session, who, 10)
            paid = ((resident(who), -40), (merchant(who), 40))
            too_much = PostTransfer(QINGBO, AssetClass.SERVICE, TransferKind.REDEEM, uuid.uuid4().hex, paid)
            await post(session, [[too_much]], now=NOW)
        await seal_all(points, key)
    async with points.transaction() as session:
        return b"".join([piece async for piece in export_book(session, QINGBO)])


def lines(book: bytes) -> list[bytes]:
    return book.splitlines(keepends=True)


def first_unfit(book: bytes, keys: list[ec.EllipticCurvePublicKey] = KEYS) -> tuple[int, str]:
    """Return the line that the verifier names, and what it says."""
    with pytest.raises(UnfitError) as unfit:
        check_book(lines(book), keys)
    named = NAMED.match(str(unfit.value))
    assert named
    return int(named[1]), str(unfit.value)


@pytest.mark.proves("P15")
async def test_what_is_accepted_and_refused_is_sealed_and_of_each_byte_that_is_flipped_the_line_is_named(
    points: Database,
) -> None:
    who = uuid.uuid4()
    held = QINGBO, AssetClass.SERVICE, resident(who)
    async with points.transaction() as session:
        await grant(session, who, 10)
        await post(session, [[hold_of(held, "kept", 4, NOW + timedelta(days=1))]], now=NOW)
        await post(session, [[release_of(held, "kept")]], now=NOW)
    book = await sealed_book(points)
    found = check_book(lines(book), KEYS)
    assert (found.community_code, found.records, found.windows) == (QINGBO, 7, 2)
    kinds = [json.loads(line).get("record", {}).get("kind") for line in lines(book)]
    assert Counter(filter(None, kinds)) == {"earn": 3, "hold": 1, "release": 1, "redeem": 2}
    dice = random.Random(20260615)  # noqa: S311 - a repeatable test
    starts = 0
    for number, line in enumerate(lines(book), start=1):
        for place in range(starts, starts + len(line)):
            flipped = bytearray(book)
            flipped[place] ^= 1 << dice.randrange(8)
            named, _ = first_unfit(bytes(flipped))
            # Whose book it is shows at its first record only.
            assert named == number or (number == 1 and named == 2), f"byte {place}: {bytes(flipped)!r}"
        starts += len(line)


REFUSED: list[tuple[Callable[[list[bytes]], list[bytes]], int, str]] = [
    (lambda book: book[:2] + book[3:], 3, "does not fit its records: count, head, root"),
    (lambda book: [book[0], book[2], book[1], *book[3:]], 2, r"record 1 .* does not fit the chain"),
    (lambda book: book[:2] + book[1:], 3, r"record 2 .* does not fit the chain"),
    (lambda book: book[:3] + book[4:], 6, "does not fit its records: number, first, count, previous, root"),
    (lambda book: book[:4] + book[3:], 5, "window 2 has no records"),
    (lambda book: book[:-1], 8, "breaks off"),
    (lambda book: [*book, book[-1]], 9, "follows the end"),
    (lambda book: [*book[:6], book[7]], 7, "2 records have no seal"),
    (lambda book: [*book[:4], book[7]], 5, "does not speak of 2 records in 1 windows"),
    (lambda book: [*book[:3], b"{}\n"], 4, "2 records have no seal"),
    (lambda _: [b"[]\n"], 1, "not a line of a book"),
    (lambda _: [b"{\n"], 1, "not JSON"),
    (lambda book: [book[0].replace(b'"version":1', b'"version":2')], 1, "no book of version 1"),
    (lambda book: [book[0].replace(b":1}", b": 1}")], 1, "not how the line was written"),
    (lambda _: [], 1, "breaks off"),
]


@pytest.mark.parametrize(("change", "named", "why"), REFUSED)
async def test_a_book_that_was_cut_mixed_or_mended_is_named_where_it_begins(
    points: Database, change: Callable[[list[bytes]], list[bytes]], named: int, why: str
) -> None:
    changed = change(lines(await sealed_book(points)))
    line, said = first_unfit(b"".join(changed))
    assert line == named, said
    assert re.search(why, said)


async def test_a_book_that_another_key_sealed_is_not_believed_until_that_key_is_trusted(points: Database) -> None:
    other = SealingKey(new_private_key())
    book = await sealed_book(points, other, windows=1)
    assert "window 1: the seal is not signed by a key that you trust" in first_unfit(book)[1]
    assert check_book(lines(book), [*KEYS, load_key(other.public.encode())]).windows == 1


async def test_a_book_written_anew_from_a_changed_record_on_does_not_fit_its_seal(points: Database) -> None:
    """Who changes a record and all links after it still has no seal over them."""
    forged, head = [], bytes(32)
    for line in lines(await sealed_book(points)):
        value = json.loads(line)
        if "record" in value:
            value["record"]["reference"] += "!"
            head = linked(head, [leaf_hash(canonical(value["record"]))])
            value["chain"] = head.hex()
        forged.append(canonical(value) + b"\n")
    named, said = first_unfit(b"".join(forged))
    assert named == 4, said
    assert "does not fit its records: head, root" in said
