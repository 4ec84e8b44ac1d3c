"""What the ledger allows."""

import itertools
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from services.points.batches.rules import Standing, admissible, decide
from services.points.ledger.rules import (
    ISSUER,
    AccountKind,
    AccountName,
    Amounts,
    AssetClass,
    MoreThanPosted,
    NewLot,
    PeriodSealed,
    PostTransfer,
    TransferKind,
    clearing,
    correspondent,
    hold_of,
    merchant,
    month_end_after,
    release_of,
    resident,
)
from services.points.lots.rules import HoldClosed, Wallet
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
    lots = {
        lot_id: (lot.expires_on, lot.remaining) for one in standing.wallets.values() for lot_id, lot in one.lots.items()
    }
    assert lots == {lot.lot_id: (lot.expires_on, lot.left) for lot in oracle.lots.values()}


WHO, OTHER = resident(uuid.UUID(int=1)), resident(uuid.UUID(int=2))
ELSEWHERE = "330281002015"
LOT = NewLot("volunteering", date(2028, 6, 30))


def standing_of(*postings: list[PostTransfer], **facts: object) -> Standing:
    """Return an empty book in which these can be decided."""
    ids = (uuid.UUID(int=n) for n in itertools.count(100))
    commands = [command for posting in postings for command in posting]
    accounts = {command.account(name): None for command in commands for name, _ in command.amounts}
    account_ids = {account: next(ids) for account in accounts}
    wallets = {one: Wallet(account_id, 0) for one, account_id in account_ids.items() if one[2].owner.startswith("res")}
    standing = Standing(NOW, account_ids, wallets, **facts)  # type: ignore[arg-type]
    standing.transfer_ids = {command.known_as: next(ids) for command in commands}
    standing.reversed_here = frozenset(command.original for command in commands if command.original)
    return standing


def earning(reference: str, points: int, *, asset_class: AssetClass = AssetClass.SERVICE) -> PostTransfer:
    amounts = ((ISSUER, -points), (WHO, points))
    return PostTransfer(BOOKS[0], asset_class, TransferKind.EARN, reference, amounts, LOT)


def test_accounts_are_named_by_what_they_are_and_whose() -> None:
    one = uuid.UUID(int=1)
    assert [resident(one), merchant(one), clearing(ELSEWHERE), correspondent(ELSEWHERE)] == [
        AccountName(AccountKind.RESIDENT, f"resident:{one}"),
        AccountName(AccountKind.MERCHANT, f"merchant:{one}"),
        AccountName(AccountKind.CLEARING, f"clearing:{ELSEWHERE}"),
        AccountName(AccountKind.CORRESPONDENT, f"correspondent:{ELSEWHERE}"),
    ]


def test_a_hold_and_its_release_move_nothing_and_say_which_they_are() -> None:
    account = (BOOKS[0], AssetClass.SERVICE, WHO)
    placed, released = hold_of(account, "h", 7, NOW), release_of(account, "h")
    assert placed == PostTransfer(*account[:2], TransferKind.HOLD, "h", ((WHO, -7),), expires_at=NOW)
    assert released == PostTransfer(*account[:2], TransferKind.RELEASE, "h", ((WHO, 0),), hold="h")
    assert not placed.moves
    assert not released.moves


@pytest.mark.parametrize(("after", "refused"), [(-1, True), (0, True), (1, False)])
def test_what_happened_in_a_sealed_period_is_refused_up_to_its_last_moment(after: int, *, refused: bool) -> None:
    late = replace(earning("late", 5), occurred_at=NOW + timedelta(seconds=after))
    outcomes = decide([[late], [earning("now", 5)]], standing_of([late], [earning("now", 5)], sealed={BOOKS[0]: NOW}))
    told_of = {"community_code": BOOKS[0], "up_to": NOW.isoformat()}
    assert isinstance(outcomes[0], PeriodSealed) == refused
    assert not isinstance(outcomes[0], PeriodSealed) or outcomes[0].facts() == told_of
    assert not isinstance(outcomes[1], PeriodSealed)


def test_what_is_posted_has_the_id_that_it_was_given_and_what_reverses_it_knows_it() -> None:
    earned = earning("e", 5)
    back = PostTransfer(
        BOOKS[0], AssetClass.SERVICE, TransferKind.REVERSE, "b", ((WHO, -5), (ISSUER, 5)), reverses=(earned.kind, "e")
    )
    standing = standing_of([earned], [back])
    posted = decide([[earned], [back]], standing)
    assert [one[0].transfer_id for one in posted if isinstance(one, list)] == [*standing.transfer_ids.values()]
    assert standing.originals[earned.known_as].transfer_id == standing.transfer_ids[earned.known_as]


@pytest.mark.parametrize("points", [0, 6, -1])
def test_a_reversal_gives_back_something_and_no_more_than_is_left(points: int) -> None:
    earned = earning("e", 5)
    amounts = ((WHO, -points), (ISSUER, points))
    back = PostTransfer(BOOKS[0], AssetClass.SERVICE, TransferKind.REVERSE, "b", amounts, reverses=(earned.kind, "e"))
    _, outcome = decide([[earned], [back]], standing_of([earned], [back]))
    assert isinstance(outcome, MoreThanPosted)
    assert outcome.reversible == 5


@pytest.mark.parametrize("amounts", [((ISSUER, 5), (WHO, -5)), ((WHO, -5), (OTHER, 5)), ((ISSUER, 0), (WHO, 0))])
def test_basic_points_are_earned_from_the_issuer_alone(amounts: Amounts) -> None:
    wrong = replace(earning("e", 5, asset_class=AssetClass.BASIC), amounts=amounts)
    assert not admissible(wrong)
    assert admissible(earning("e", 5, asset_class=AssetClass.BASIC))


def test_a_hold_that_ends_now_is_over() -> None:
    account = (BOOKS[0], AssetClass.SERVICE, WHO)
    placed = hold_of(account, "h", 5, NOW)
    _, outcome = decide([[earning("e", 5)], [placed]], standing_of([earning("e", 5)], [placed]))
    assert isinstance(outcome, HoldClosed)


def test_what_several_give_together_reaches_each_with_its_own_expiry() -> None:
    """Two transfers of one posting debit; what the third credits comes from both."""
    early, late = replace(LOT, expires_on=date(2026, 6, 30)), LOT
    granted = [replace(earning("e", 5), lot=early), replace(earning("l", 5), lot=late)]
    granted[1] = replace(granted[1], amounts=((ISSUER, -5), (OTHER, 5)))
    here, there = BOOKS
    give, service = TransferKind.GIVE, AssetClass.SERVICE
    posting = [
        PostTransfer(here, service, give, "a", ((WHO, -5), (clearing(there), 5))),
        PostTransfer(here, service, give, "b", ((OTHER, -5), (clearing(there), 5))),
        PostTransfer(there, service, give, "c", ((clearing(here), -10), (WHO, 10))),
    ]
    standing = standing_of(*[[one] for one in granted], posting)
    outcomes = decide([*[[one] for one in granted], posting], standing)
    assert isinstance(outcomes[-1], list)
    lots = standing.wallets[there, service, WHO].lots.values()
    assert sorted((lot.expires_on, lot.remaining) for lot in lots) == [(early.expires_on, 5), (late.expires_on, 5)]
    sources = {lot_id for one in granted for lot_id in standing.wallets[one.account(one.amounts[1][0])].lots}
    assert {lot.parent for lot in lots} == sources


def test_what_two_give_in_one_transfer_keeps_the_expiry_of_either() -> None:
    early, third = replace(LOT, expires_on=date(2026, 6, 30)), resident(uuid.UUID(int=3))
    granted = [replace(earning("e", 5), lot=early), replace(earning("l", 5), amounts=((ISSUER, -5), (OTHER, 5)))]
    gift = PostTransfer(
        BOOKS[0], AssetClass.SERVICE, TransferKind.GIVE, "g", ((WHO, -5), (OTHER, -5), (third, 10)), None
    )
    standing = standing_of(*[[one] for one in granted], [gift])
    decide([*[[one] for one in granted], [gift]], standing)
    lots = standing.wallets[gift.account(third)].lots.values()
    assert sorted((lot.expires_on, lot.remaining) for lot in lots) == [(early.expires_on, 5), (LOT.expires_on, 5)]


def test_parts_that_are_given_back_one_after_the_other_fill_each_lot_as_far_as_it_gave() -> None:
    early = replace(LOT, expires_on=date(2026, 6, 30))
    granted = [replace(earning("e", 5), lot=early), earning("l", 5)]
    paid = PostTransfer(
        BOOKS[0], AssetClass.SERVICE, TransferKind.REDEEM, "p", ((WHO, -10), (merchant(uuid.UUID(int=9)), 10))
    )
    back = [
        replace(paid, kind=TransferKind.REVERSE, reference=f"b{part}", reverses=(paid.kind, "p")) for part in range(2)
    ]
    back = [replace(one, amounts=((WHO, 4), (merchant(uuid.UUID(int=9)), -4))) for one in back]
    batch = [[one] for one in (*granted, paid, *back)]
    standing = standing_of(*batch)
    decide(batch, standing)
    lots = standing.wallets[paid.account(WHO)].lots.values()
    assert sorted((lot.expires_on, lot.remaining) for lot in lots) == [(early.expires_on, 3), (LOT.expires_on, 5)]
