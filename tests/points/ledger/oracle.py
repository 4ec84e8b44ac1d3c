"""What posting means: a book in plain Python that takes postings one by one, and the dice that make them up."""

import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.points.ledger.rules import (
    DISCOUNT,
    ISSUER,
    AccountKind,
    AccountName,
    AlreadyPosted,
    AssetClass,
    BookAccount,
    NewLot,
    NotEnoughPoints,
    Outcome,
    PostTransfer,
    TransferKind,
    clearing,
    merchant,
    resident,
)
from tests.points.book import DONGJIANG, QINGBO, TODAY

Told = tuple[object, ...]
"""An outcome, so that it can be compared: what was posted with its balances, or the refusal with its facts."""

LotName = tuple[BookAccount, str, date]
Change = tuple[Counter[Any], object, int]
BOOKS = (QINGBO, DONGJIANG)
SHOPS = [merchant(uuid.UUID(int=n)) for n in range(5)]
LOTS = [
    NewLot(activity, expires_on)
    for activity in ("volunteering", "waste_sorting", "teaching")
    for expires_on in (date(2026, 5, 31), date(2026, 6, 30), date(2027, 1, 31), date(2028, 6, 30))
]


def told(outcome: Outcome) -> Told:
    """Return an outcome in a form that can be compared."""
    if isinstance(outcome, list):
        return ("posted", *(one.balances for one in outcome))
    return (outcome.type, *outcome.facts().values())


@dataclass
class Oracle:
    """A book: what is in which account, in which lot, and which references it has seen."""

    balances: Counter[BookAccount] = field(default_factory=Counter)
    lots: Counter[LotName] = field(default_factory=Counter)
    seen: set[object] = field(default_factory=set)

    def post(self, posting: list[PostTransfer]) -> Told:
        """Post transfers all or none."""
        references = [command.known_as for command in posting]
        for place, reference in enumerate(references):
            if reference in self.seen or reference in references[:place]:
                return told(AlreadyPosted(reference=reference[2]))
        undo: list[Change] = []
        after = []
        for command in posting:
            balances: list[int | None] = []
            for name, amount in command.amounts:
                account = command.account(name)
                if name.kind is AccountKind.RESIDENT and (short := self._move_lots(command, account, amount, undo)):
                    for counter, key, change in undo:
                        counter[key] -= change
                    return told(short)
                _change(self.balances, account, amount, undo)
                balances.append(self.balances[account] if name.kind is AccountKind.RESIDENT else None)
            after.append(tuple(balances))
        self.seen.update(references)
        return ("posted", *after)

    def _move_lots(
        self, command: PostTransfer, account: BookAccount, amount: int, undo: list[Change]
    ) -> NotEnoughPoints | None:
        if amount > 0:
            assert command.lot
            _change(self.lots, (account, command.lot.activity, command.lot.expires_on), amount, undo)
            return None
        good = [(account, lot.activity, lot.expires_on) for lot in LOTS if lot.expires_on >= TODAY]
        available, required = sum(self.lots[lot] for lot in good), -amount
        if available < required:
            return NotEnoughPoints(available=available, required=required)
        for lot in sorted(good, key=lambda lot: lot[2]):
            part = min(self.lots[lot], required)
            _change(self.lots, lot, -part, undo)
            required -= part
        return None

    def by_expiry(self) -> Counter[tuple[BookAccount, date]]:
        """Return what is left by account and expiry: which of two lots that expire together is spent first is open."""
        left: Counter[tuple[BookAccount, date]] = Counter()
        for (account, _, expires_on), remaining in self.lots.items():
            left[account, expires_on] += remaining
        return +left


def _change(counter: Counter[Any], key: object, change: int, undo: list[Change]) -> None:
    counter[key] += change
    undo.append((counter, key, change))


class Dice:
    """Makes up postings: grants of both classes, purchases, exchanges, gifts, repeated references, overdrafts."""

    def __init__(self, seed: int, people: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a repeatable test
        self.people = [resident(uuid.UUID(int=n + 1)) for n in range(people)]
        self._used: list[str] = ["r"]

    def batch(self, most: int) -> list[list[PostTransfer]]:
        """Make up at least one posting and at most so many."""
        return [self._posting() for _ in range(self._random.randint(1, most))]

    def _posting(self) -> list[PostTransfer]:
        dice = self._random
        make = dice.choices([self._grant, self._purchase, self._exchange, self._gift, self._both], [30, 35, 15, 10, 10])
        return make[0](self._reference())

    def _reference(self) -> str:
        if self._random.random() < 0.08:
            return self._random.choice(self._used[-500:])
        self._used.append(f"{self._random.getrandbits(64):x}")
        return self._used[-1]

    def _grant(self, reference: str, asset_class: AssetClass | None = None) -> list[PostTransfer]:
        who, points = self._random.choice(self.people), self._random.randint(1, 60)
        asset_class = asset_class or self._random.choice(list(AssetClass))
        amounts = ((ISSUER, -points), (who, points))
        return [self._transfer(TransferKind.EARN, reference, *amounts, asset_class=asset_class)]

    def _both(self, reference: str) -> list[PostTransfer]:
        basic, service = (self._grant(reference, asset_class) for asset_class in AssetClass)
        if self._random.random() < 0.9:
            service = self._grant(self._reference(), AssetClass.SERVICE)
        return [*basic, *service]

    def _purchase(self, reference: str) -> list[PostTransfer]:
        who, points = self._random.choice(self.people), self._random.randint(1, 50)
        return [self._transfer(TransferKind.REDEEM, reference, (who, -points), (self._random.choice(SHOPS), points))]

    def _exchange(self, reference: str) -> list[PostTransfer]:
        here, there = self._random.sample(BOOKS, 2)
        who, price, kept = self._random.choice(self.people), self._random.randint(1, 40), self._random.randint(1, 5)
        paid = ((who, -price - kept), (clearing(there), price), (DISCOUNT, kept))
        got = ((clearing(here), -price), (self._random.choice(SHOPS), price))
        return [
            self._transfer(TransferKind.REDEEM, reference, *paid, code=here),
            self._transfer(TransferKind.REDEEM, reference, *got, code=there),
        ]

    def _gift(self, reference: str) -> list[PostTransfer]:
        """Two residents' accounts in one transfer, in any order, and another purchase of the one who receives."""
        giver, taker = self._random.sample(self.people, 2)
        points = self._random.randint(1, 50)
        amounts = [(giver, -points), (taker, points)]
        self._random.shuffle(amounts)
        code = self._random.choice(BOOKS)
        gift = self._transfer(TransferKind.REDEEM, reference, *amounts, code=code)
        bought = ((taker, -points), (self._random.choice(SHOPS), points))
        return [gift, self._transfer(TransferKind.REDEEM, self._reference(), *bought, code=code)]

    def _transfer(
        self,
        kind: TransferKind,
        reference: str,
        *amounts: tuple[AccountName, int],
        asset_class: AssetClass = AssetClass.SERVICE,
        code: str = "",
    ) -> PostTransfer:
        book = code or self._random.choice(BOOKS)
        return PostTransfer(book, asset_class, kind, reference, amounts, self._random.choice(LOTS))
