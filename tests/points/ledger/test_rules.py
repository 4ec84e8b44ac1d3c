"""What the ledger allows."""

import itertools
import uuid
from datetime import date

import pytest

from services.points.ledger.rules import (
    AssetClass,
    Holding,
    NotEnoughPoints,
    PostTransfer,
    Standing,
    TransferKind,
    Wallet,
    decide,
    merchant,
    month_end_after,
    resident,
    spend_earliest,
)
from tests.points.ledger.oracle import BOOKS, LOTS, Dice, Oracle, told

TODAY = date(2026, 6, 15)
EARLY, LATE, GONE = (uuid.UUID(int=n) for n in (1, 2, 3))


def holdings() -> list[Holding]:
    return [
        Holding(LATE, "volunteering", date(2027, 6, 30), 50, 50),
        Holding(EARLY, "volunteering", date(2026, 6, 30), 40, 30),
        Holding(GONE, "volunteering", date(2026, 5, 31), 99, 99),
    ]


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


def test_the_earliest_expiry_is_spent_first() -> None:
    assert spend_earliest(holdings(), 40, TODAY) == [(EARLY, 30), (LATE, 10)]


def test_expired_lots_are_not_spent() -> None:
    with pytest.raises(NotEnoughPoints) as refusal:
        spend_earliest(holdings(), 81, TODAY)
    assert (refusal.value.available, refusal.value.required) == (80, 81)


def test_a_lot_is_good_until_the_end_of_its_last_day() -> None:
    assert spend_earliest([Holding(EARLY, "volunteering", TODAY, 5, 5)], 5, TODAY) == [(EARLY, 5)]


def test_20_000_decisions_agree_with_one_by_one() -> None:
    ids = (uuid.UUID(int=n) for n in itertools.count(1))
    dice, oracle = Dice(3, people=20), Oracle()
    wallets = {}
    for account in itertools.product(BOOKS, AssetClass, dice.people):
        lots = (Holding(next(ids), lot.activity, lot.expires_on, 0, 0) for lot in LOTS)
        wallets[account] = Wallet(next(ids), 0, {lot.lot_id: lot for lot in lots})
    standing = Standing(wallets, {}, set())
    done = 0
    while done < 20_000:
        batch = dice.batch(most=1000)
        standing.transfer_ids = {command.known_as: next(ids) for posting in batch for command in posting}
        outcomes = decide(batch, standing, TODAY)
        assert [told(outcome) for outcome in outcomes] == [oracle.post(posting) for posting in batch]
        done += len(batch)
    assert all(wallet.balance == oracle.balances[account] for account, wallet in standing.wallets.items())


def test_a_transfer_tells_what_it_took_from_which_lot() -> None:
    who = resident(uuid.uuid4())
    account = ("330102001051", AssetClass.SERVICE, who)
    wallet = Wallet(uuid.uuid4(), 179, {lot.lot_id: lot for lot in holdings()})
    amounts = ((who, -40), (merchant(uuid.uuid4()), 40))
    command = PostTransfer(account[0], account[1], TransferKind.REDEEM, "r", amounts)
    [[posted]] = decide([[command]], Standing({account: wallet}, {command.known_as: EARLY}, set()), TODAY)  # type: ignore[misc]
    assert (posted.balances, posted.lot_moves) == ((139, None), ((EARLY, -30), (LATE, -10)))
    assert wallet.balance == 179, "what was read stays as it was"


def test_a_resident_is_credited_only_with_points_that_have_a_lot() -> None:
    who = resident(uuid.uuid4())
    command = PostTransfer("330102001051", AssetClass.SERVICE, TransferKind.EARN, "r", ((who, 40),))
    wallet = Wallet(uuid.uuid4(), 0, {})
    with pytest.raises(ValueError, match="have a lot"):
        decide([[command]], Standing({command.account(who): wallet}, {command.known_as: EARLY}, set()), TODAY)
