"""What the ledger allows."""

import itertools
import uuid
from datetime import date, datetime

import pytest

from services.points.batches.rules import Standing, decide
from services.points.ledger.rules import AssetClass, PostTransfer, month_end_after
from services.points.lots.rules import Wallet
from tests.points.book import NOW
from tests.points.ledger.dice import BOOKS, Dice
from tests.points.ledger.oracle import Oracle, told


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 1), 2, date(2028, 2, 29)),
        (date(2026, 6, 15), 24, date(2028, 6, 30)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_points_expire_at_the_end_of_a_month(day: date, months: int, end: date) -> None:
    assert month_end_after(day, months) == end


def test_20_000_decisions_agree_with_one_by_one() -> None:
    ids = (uuid.UUID(int=n) for n in itertools.count(1))
    dice = Dice(3, people=20)
    batches: list[tuple[datetime, list[list[PostTransfer]]]] = []
    while sum(len(batch) for _, batch in batches) < 20_000:
        batch = dice.batch(most=1000)
        batches.append((dice.now, batch))
    commands = [command for _, batch in batches for posting in batch for command in posting]
    named = {command.account(name): None for command in commands for name, _ in command.amounts}
    account_ids = {account: next(ids) for account in named}
    oracle = Oracle(account_ids)
    people = itertools.product(BOOKS, AssetClass, dice.people)
    wallets = {account: Wallet(account_ids[account], 0) for account in people if account in named}
    originals = frozenset(command.original for command in commands if command.original)
    standing = Standing(NOW, account_ids, wallets, reversed_here=originals)
    for now, batch in batches:
        standing.now = now
        standing.transfer_ids = {command.known_as: next(ids) for posting in batch for command in posting}
        outcomes = decide(batch, standing)
        assert [told(outcome) for outcome in outcomes] == [oracle.post(posting, now) for posting in batch]
    assert all(wallet.balance == oracle.balances[account] for account, wallet in standing.wallets.items())
