"""The check of the whole book: it finds nothing in a sound one, and each fault that is planted, by its name."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.points.ledger.post import post
from services.points.ledger.queries import check_integrity
from services.points.ledger.rules import (
    DISCOUNT,
    AssetClass,
    PostTransfer,
    TransferKind,
    clearing,
    hold_of,
    merchant,
    resident,
)
from services.points.proof.check_chain import check_chain
from services.points.proof.rules import SealingKey
from services.points.statements.fold import fold
from shared.database import Database
from tests.ground import MakeDatabase
from tests.points.book import DONGJIANG, NOW, QINGBO, grant, post_linked
from tests.points.proof.ground import KEY, new_private_key, seal_all

WHO, SHOP = uuid.uuid4(), uuid.uuid4()
NO_CONSTRAINTS = """
    DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT conrelid::regclass AS of, conname FROM pg_constraint
            WHERE contype = 'c' AND connamespace = 'public'::regnamespace
        LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.of, one.conname); END LOOP;
    END $$
"""
FORGER = SealingKey(new_private_key())


@dataclass(frozen=True, slots=True)
class Book:
    """A sealed book of two communities, in the hands of somebody who may do anything to its tables."""

    database: Database

    async def found(self, fault: str = "SELECT") -> set[str]:
        """Plant a fault, past triggers, keys and constraints, name what the check finds, and undo it."""
        async with self.database.transaction() as session:
            await session.execute(text("SET LOCAL session_replication_role = replica"))
            await session.execute(text(NO_CONSTRAINTS))
            await session.execute(text(fault))
            names = {finding.invariant for finding in await check_integrity(session) if finding.broken}
            names |= {rule for rule, broken in (await check_chain(session, [KEY.public])).items() if broken}
            await session.rollback()
        return names


def spending(points: int) -> PostTransfer:
    """Describe a purchase at home."""
    amounts = ((resident(WHO), -points), (merchant(SHOP), points))
    return PostTransfer(QINGBO, AssetClass.SERVICE, TransferKind.REDEEM, uuid.uuid4().hex, amounts)


def giving_back(spent: PostTransfer, points: int) -> PostTransfer:
    """Describe the reversal of a part of it."""
    amounts = ((resident(WHO), points), (merchant(SHOP), -points))
    again = replace(spent, kind=TransferKind.REVERSE, reference=uuid.uuid4().hex, amounts=amounts)
    return replace(again, reverses=(spent.kind, spent.reference))


async def write_book(points: Database) -> None:
    """Grant, pay here and there, give back, hold, be refused, and seal; then once more."""
    for _ in range(2):
        async with points.transaction() as session:
            for code in (QINGBO, DONGJIANG):
                await grant(session, WHO, 100, community_code=code)
            await grant(session, WHO, 7, asset_class=AssetClass.BASIC)
            reference = uuid.uuid4().hex
            here = ((resident(WHO), -50), (clearing(DONGJIANG), 45), (DISCOUNT, 5))
            there = ((clearing(QINGBO), -45), (merchant(SHOP), 45))
            both = [
                PostTransfer(code, AssetClass.SERVICE, TransferKind.REDEEM, reference, amounts)
                for code, amounts in ((QINGBO, here), (DONGJIANG, there))
            ]
            await post_linked(session, *both)
            wallet = DONGJIANG, AssetClass.SERVICE, resident(WHO)
            spent = spending(20)
            await post_linked(session, spent)
            await post_linked(session, giving_back(spent, 5))
            await post_linked(session, hold_of(wallet, uuid.uuid4().hex, 30, NOW + timedelta(days=1)))
            await post(session, [both], now=NOW)
        async with points.transaction() as session:
            await fold(session, entries_between=1)
        await seal_all(points)


@pytest.fixture
async def book(make_database: MakeDatabase) -> AsyncIterator[Book]:
    """A sound book, opened with the rights of the database's administrator."""
    made = await make_database("points")
    points, admin = Database(made.app, name="test"), Database(made.admin, name="fault")
    await write_book(points)
    yield Book(admin)
    await points.close()
    await admin.close()


FAULTS = """
balances_equal_entries
    UPDATE account SET balance = balance + 1 WHERE kind = 'resident'
transfers_sum_to_zero
    DELETE FROM entry WHERE amount < 0
    DELETE FROM entry
books_sum_to_zero
    UPDATE entry SET amount = amount - 1 WHERE balance_after = 50
balances_follow_each_other
    UPDATE entry SET balance_after = balance_after + 1 WHERE balance_after = 50
lots_equal_balances
    UPDATE lot SET remaining = remaining - 1
lots_equal_their_moves
    UPDATE lot SET remaining = remaining - 1
lots_hold_no_more_than_was_earned
    UPDATE lot SET remaining = 999
accounts_stay_above_their_floor
    UPDATE account SET balance = -1 WHERE floor = 0
entries_have_their_transfer_account_and_lot
    DELETE FROM lot
    UPDATE entry SET lot_id = (SELECT lot_id FROM lot ORDER BY lot_id LIMIT 1) WHERE lot_id IS NOT NULL
    UPDATE entry SET account_id = uuidv7() WHERE balance_after = 50
    DELETE FROM transfer WHERE kind = 'earn'
    DELETE FROM account WHERE kind = 'discount'
    UPDATE account SET asset_class = 'hours' WHERE kind = 'discount'
lots_have_their_account
    UPDATE lot SET account_id = uuidv7()
clearing_is_mirrored
    UPDATE entry SET amount = 44 WHERE amount = 45
holds_are_covered
    UPDATE hold_lot SET amount = 999
holds_pin_what_is_left_of_them
    DELETE FROM hold_lot
holds_are_as_they_were_commanded
    DELETE FROM hold_command
    UPDATE hold SET expires_at = expires_at + interval '1 day'
    UPDATE hold SET closed_as = 'released', closed_at = now()
    INSERT INTO hold_command SELECT community_code, reference, 'release', uuidv7(), 1, account_id, '', 0 FROM hold
reversals_give_back_no_more
    UPDATE entry SET amount = 9 * amount FROM transfer t WHERE t.transfer_id = entry.transfer_id AND t.kind = 'reverse'
folds_equal_their_entries
    UPDATE fold SET balance = balance + 1
settlements_sum_to_zero
    UPDATE account SET kind = 'settlement' WHERE kind = 'discount'
deeds_have_their_transfer
    INSERT INTO deed VALUES ('1', 'a', 'b', uuidv7(), 1, '{}', now(), 1, 5, uuidv7())
    INSERT INTO deed SELECT community_code, 'a', reference, uuidv7(), 1, '{}', now(), 1, 9, transfer_id FROM transfer
crossings_have_their_transfers
    INSERT INTO crossing SELECT '1', account_id, account_id, '2', account_id, 9, 10, 1, 1, 1, t, t, t, 'released', 1
        FROM account, now() AS t LIMIT 1
    INSERT INTO crossing SELECT '1', account_id, account_id, '2', account_id, 9, 10, 1, 1, 1, t, t, t, 'captured', 1
        FROM account, now() AS t LIMIT 1
arrivals_have_their_transfers
    INSERT INTO arrival VALUES ('1', uuidv7(), '2', uuidv7(), 9, 1, 1, true, NULL, now())
open_vouchers_are_held
    INSERT INTO voucher VALUES ('1', uuidv7(), 1, uuidv7(), 9, 't', now(), now(), NULL, NULL, now())
basic_points_stay
    UPDATE entry SET amount = -amount WHERE asset_class = 'basic'
seals_fit_their_records
    UPDATE transfer SET reference = reference || '!'
    UPDATE refusal SET reason = 'none'
    DELETE FROM refusal
    DELETE FROM hold_command
    UPDATE hold_command SET expires_at = expires_at + interval '1 day'
    UPDATE account SET owner = owner || '!' WHERE kind = 'resident'
    UPDATE lot SET expires_on = expires_on + 365
    UPDATE seal SET root = head WHERE number = 1
    DELETE FROM seal WHERE number = 1
    INSERT INTO refusal SELECT community_code, uuidv7(), xid, kind, kind, kind, asked, reason, facts FROM refusal
seals_are_signed
    UPDATE seal SET up_to = up_to - interval '1 day'
nothing_is_left_unsealed
    INSERT INTO hold_command SELECT '1', reference, 'release', uuidv7(), xid, account_id, kind, 0 FROM hold_command
    INSERT INTO refusal SELECT '1', uuidv7(), xid, kind, kind, kind, asked, reason, facts FROM refusal
"""
"""What somebody with all rights might do, below the rule that it breaks."""


async def test_a_sound_book_is_found_sound(book: Book) -> None:
    assert await book.found() == set()


@pytest.mark.proves("P18")
async def test_each_planted_fault_is_found_by_its_name(book: Book) -> None:
    rule = ""
    for line in FAULTS.strip().replace("\n        ", " ").splitlines():
        if line.startswith(" "):
            assert rule in await book.found(line), line
        else:
            rule = line
    assert await book.found() == set()


async def test_a_seal_that_another_key_signed_is_found(book: Book) -> None:
    async with book.database.transaction() as session:
        assert (await check_chain(session, [FORGER.public]))["seals_are_signed"] == [
            f"{code}/{number}" for code in (QINGBO, DONGJIANG) for number in (1, 2)
        ]
        assert not (await check_chain(session, [FORGER.public, KEY.public]))["seals_are_signed"]


async def test_a_finding_says_how_often_and_shows_some(book: Book) -> None:
    async with book.database.transaction() as session:
        await session.execute(text("UPDATE account SET balance = balance + 1 WHERE kind = 'resident'"))
        [finding] = [one for one in await check_integrity(session) if one.invariant == "balances_equal_entries"]
        accounts = (await session.execute(text("SELECT account_id FROM account WHERE kind = 'resident'"))).all()
        await session.rollback()
    assert finding.broken == 3
    assert sum(str(row.account_id) in example for row in accounts for example in finding.examples) == 3
