"""Lots: which points go first, where they come back to, and that no way of moving them makes them good for longer."""

import itertools
import uuid
from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.points.batches.rules import Standing, decide
from services.points.ledger.rules import (
    ISSUER,
    AccountName,
    AssetClass,
    NewLot,
    NotEnoughPoints,
    PostTransfer,
    TransferKind,
    clearing,
    merchant,
    month_end_after,
    resident,
)
from services.points.lots.rules import Wallet, inherited, lot_for, take_first
from shared.clock import local_day
from shared.errors import Refusal
from tests.points.book import DONGJIANG, NOW, QINGBO, TODAY

ACCOUNT = uuid.UUID(int=7)
GONE, SOON, LATE = date(2026, 5, 31), date(2026, 6, 30), date(2027, 6, 30)


def wallet(**points: int) -> Wallet:
    """Hold points that have expired, expire soon, or late."""
    made = Wallet(ACCOUNT, 0)
    for name, expires_on in (("gone", GONE), ("late", LATE), ("soon", SOON)):
        if name in points:
            made.credit([(lot_for(ACCOUNT, QINGBO, NewLot("volunteering", expires_on)), points[name])])
    return made


def left(held: Wallet) -> dict[date, int]:
    return {lot.expires_on: lot.remaining for lot in held.lots.values()}


def test_the_earliest_expiry_is_spent_first_and_what_has_expired_never() -> None:
    held = wallet(gone=99, soon=30, late=50)
    held.debit(held.spendable(TODAY), 40)
    assert (left(held), held.balance) == ({GONE: 99, SOON: 0, LATE: 40}, 139)
    with pytest.raises(NotEnoughPoints) as refusal:
        held.debit(held.spendable(TODAY), 41)
    assert (refusal.value.available, refusal.value.required) == (40, 41)


def test_a_lot_is_good_until_the_end_of_its_last_day() -> None:
    held = wallet(soon=5)
    assert [part for _, part in held.spendable(SOON)] == [5]
    assert held.spendable(date(2026, 7, 1)) == []


def test_what_expires_today_is_not_taken_away_today() -> None:
    held = wallet(gone=3, soon=5)
    assert [part for _, part in held.expired(SOON)] == [3]
    assert [part for _, part in held.expired(date(2026, 7, 1))] == [3, 5]


def test_of_what_was_once_granted_the_latest_is_taken_back_first_and_no_more_than_is_free() -> None:
    held = wallet(soon=30, late=50)
    soon, late = (lot_for(ACCOUNT, QINGBO, NewLot("volunteering", day)).lot_id for day in (SOON, LATE))
    parts = held.among([(soon, 40), (late, 20), (uuid.UUID(int=9), 0)])
    assert [(lot.lot_id, part) for lot, part in parts] == [(late, 20), (soon, 30)]


def test_what_is_handed_on_now_is_not_handed_on_again() -> None:
    soon, late = (lot_for(ACCOUNT, QINGBO, NewLot("volunteering", day)) for day in (SOON, LATE))
    debited = [(soon, 30), (late, 50)]
    assert [inherited(debited, amount) for amount in (20, 20, 40)] == [
        [(soon, 20)],
        [(soon, 10), (late, 10)],
        [(late, 40)],
    ]
    assert [part for _, part in debited] == [0, 0]


def test_points_of_one_issuer_activity_and_expiry_share_a_lot() -> None:
    held = wallet(soon=5)
    held.credit([(lot_for(ACCOUNT, QINGBO, NewLot("volunteering", SOON)), 4)])
    assert [(lot.earned, lot.remaining) for lot in held.lots.values()] == [(9, 9)]


def test_what_is_given_back_goes_to_the_latest_lot_first() -> None:
    held = wallet(soon=30, late=50)
    moves = held.debit(held.spendable(TODAY), 40)
    held.give_back([(lot_id, -part) for lot_id, part in moves], 15)
    assert left(held) == {SOON: 5, LATE: 50}


parts = st.lists(st.tuples(st.dates(SOON, LATE), st.integers(1, 50)), min_size=1, max_size=6)


@given(parts, st.integers(1, 400))
def test_what_is_credited_never_expires_later_than_what_it_stands_for(
    debited: list[tuple[date, int]], amount: int
) -> None:
    source = [(lot_for(ACCOUNT, QINGBO, NewLot("a", day)), part) for day, part in sorted(debited)]
    before = sorted(itertools.chain.from_iterable([lot.expires_on] * part for lot, part in source))
    got = inherited(list(source), amount)
    after = sorted(itertools.chain.from_iterable([lot.expires_on] * part for lot, part in got))
    assert len(after) == amount
    late_before = Counter(before)
    assert all(
        sum(day >= expires_on for day in after) <= sum(day >= expires_on for day in before)
        for expires_on in late_before
        if expires_on > min(before)
    )


@given(parts, st.integers(0, 400))
def test_what_is_taken_comes_from_the_front(debited: list[tuple[date, int]], amount: int) -> None:
    source = [(lot_for(ACCOUNT, QINGBO, NewLot("a", day)), part) for day, part in sorted(debited)]
    taken = take_first(source, amount)
    assert sum(part for _, part in taken) == min(amount, sum(part for _, part in source))
    assert taken == source[: len(taken) - 1] + taken[-1:] if taken else amount == 0


PEOPLE = [resident(uuid.UUID(int=n)) for n in range(1, 5)]
SHOP = merchant(uuid.UUID(int=99))
BOOKS = (QINGBO, DONGJIANG)


def _laundering(dice: Random, sent: list[PostTransfer]) -> list[PostTransfer]:
    """Make up a move by which somebody might hope to make points good for longer."""
    who, other = dice.sample(PEOPLE, 2)
    here, there = dice.sample(BOOKS, 2)
    points, reference, wished = dice.randint(1, 30), f"{dice.getrandbits(64):x}", NewLot("volunteering", LATE)

    def transfer(kind: TransferKind, code: str, *amounts: object, **more: object) -> PostTransfer:
        return PostTransfer(code, AssetClass.SERVICE, kind, reference, amounts, lot=wished, **more)  # type: ignore[arg-type]

    match dice.randint(0, 3):
        case 0:
            return [transfer(TransferKind.GIVE, here, (who, -points), (other, points))]
        case 1:
            away = transfer(TransferKind.REDEEM, here, (who, -points), (clearing(there), points))
            return [away, transfer(TransferKind.REDEEM, there, (clearing(here), -points), (who, points))]
        case 2:
            return [transfer(TransferKind.REDEEM, here, (who, -points), (SHOP, points))]
        case _:
            old = dice.choice([each for each in sent if SHOP in dict(each.amounts)] or [None])
            if old is None:
                return []
            back = tuple((name, -amount) for name, amount in old.amounts)
            return [transfer(TransferKind.REVERSE, old.community_code, *back, reverses=(old.kind, old.reference))]


@pytest.mark.proves("P9")
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_no_gift_exchange_purchase_or_refund_makes_a_point_good_for_longer(seed: int) -> None:
    """However points are sent around, no more of them outlive a day than were granted to outlive it."""
    dice, ids = Random(seed), (uuid.UUID(int=n) for n in itertools.count(1))  # noqa: S311 - a repeatable test
    accounts = {(code, AssetClass.SERVICE, who): next(ids) for code in BOOKS for who in PEOPLE}
    others = [ISSUER, SHOP, *map(clearing, BOOKS)]
    names = {(code, AssetClass.SERVICE, name): next(ids) for code in BOOKS for name in others}
    standing = Standing(
        NOW, {**accounts, **names}, {one: Wallet(account_id, 0) for one, account_id in accounts.items()}
    )
    granted: Counter[date] = Counter()
    postings = []
    for number, (code, _, who) in enumerate(accounts):
        lot = NewLot("volunteering", dice.choice([SOON, date(2026, 12, 31), LATE]))
        granted[lot.expires_on] += 40
        amounts = ((ISSUER, -40), (who, 40))
        postings.append([PostTransfer(code, AssetClass.SERVICE, TransferKind.EARN, f"g{number}", amounts, lot)])
    sent: list[PostTransfer] = []
    for _ in range(60):
        if posting := _laundering(dice, sent):
            postings.append(posting)
            sent += posting
    standing.reversed_here = frozenset(each.original for each in sent if each.original)
    standing.transfer_ids = {command.known_as: next(ids) for posting in postings for command in posting}
    outcomes = decide(postings, standing)
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) < len(outcomes)
    held: Counter[date] = Counter()
    for each in standing.wallets.values():
        for lot_ in each.lots.values():
            held[lot_.expires_on] += lot_.remaining
    for day in granted:
        assert sum(held[each] for each in held if each >= day) <= sum(granted[each] for each in granted if each >= day)


@pytest.mark.proves("P8")
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_over_two_years_of_deeds_and_purchases_lots_stay_few_go_first_in_first_out_and_take_back_their_own(
    seed: int,
) -> None:
    """Lots say who granted what for which deeds; they end with months, so that a busy resident has one for each."""
    dice, ids = Random(seed), (uuid.UUID(int=n) for n in itertools.count(1000))  # noqa: S311 - a repeatable test
    who, activities = PEOPLE[0], ("volunteering", "sorting")
    name = {one: (QINGBO, AssetClass.SERVICE, one) for one in (who, ISSUER, SHOP)}
    held = Wallet(ACCOUNT, 0)
    standing = Standing(NOW, {name[who]: ACCOUNT, name[ISSUER]: next(ids), name[SHOP]: next(ids)}, {name[who]: held})
    bought: list[tuple[PostTransfer, dict[uuid.UUID, int]]] = []
    for day in range(730):
        standing.now = NOW + timedelta(days=day)
        today = local_day(standing.now)
        command = _life_of_a_day(dice, who, dice.choice(activities), today, [one for one, _ in bought])
        standing.transfer_ids[command.known_as] = next(ids)
        standing.reversed_here = frozenset({command.known_as})  # each may be given back one day
        before = dict(standing.wallets[name[who]].lots)
        [outcome] = decide([[command]], standing)
        wallet_ = standing.wallets[name[who]]
        if isinstance(outcome, Refusal):
            assert wallet_.lots == before
            continue
        moved = dict(outcome[0].lot_moves[0] or outcome[0].lot_moves[1])
        if command.kind is TransferKind.REDEEM:
            last = max(before[lot_id].expires_on for lot_id in moved)
            skipped = [lot for lot in wallet_.lots.values() if today <= lot.expires_on < last and lot.remaining]
            assert not skipped, "what expires earlier goes first"
            bought.append((command, moved))
        elif command.kind is TransferKind.REVERSE:
            [original] = [lots for one, lots in bought if one.reference == command.reverses[1]]  # type: ignore[index]
            assert moved == {lot_id: -part for lot_id, part in original.items()}, "each point is where it was"
            bought = [each for each in bought if each[1] is not original]
    lots = standing.wallets[name[who]].lots.values()
    assert len(lots) == len({(lot.issuer, lot.activity, lot.expires_on) for lot in lots}) <= len(activities) * 25
    for lot in lots:
        assert (lot.issuer, lot.parent) == (QINGBO, None)
        assert lot.expires_on == month_end_after(lot.expires_on, 0)


def _life_of_a_day(
    dice: Random, who: AccountName, activity: str, today: date, bought: list[PostTransfer]
) -> PostTransfer:
    """Make up a deed, a purchase, or the return of one as a whole."""
    reference, service, kind, points = f"{today}", AssetClass.SERVICE, dice.randint(0, 9), dice.randint(1, 30)
    if kind < 5:
        lot = NewLot(activity, month_end_after(today, 12))
        return PostTransfer(QINGBO, service, TransferKind.EARN, reference, ((ISSUER, -points), (who, points)), lot)
    if kind < 8 or not bought:
        return PostTransfer(QINGBO, service, TransferKind.REDEEM, reference, ((who, -points), (SHOP, points)))
    back = dice.choice(bought)
    amounts = tuple((name, -amount) for name, amount in back.amounts)
    return PostTransfer(QINGBO, service, TransferKind.REVERSE, reference, amounts, reverses=(back.kind, back.reference))
