"""Makes up postings, from a seed: of every kind, for few people, so that they meet; many of them to be refused."""

import random
import uuid
from dataclasses import replace
from datetime import date, timedelta

from services.points.ledger.rules import (
    DISCOUNT,
    ISSUER,
    POOL,
    AccountName,
    AssetClass,
    BookAccount,
    NewLot,
    PostTransfer,
    TransferKind,
    clearing,
    hold_of,
    merchant,
    release_of,
    resident,
)
from tests.points.book import DONGJIANG, NOW, QINGBO

BOOKS = (QINGBO, DONGJIANG)
SHOPS = [merchant(uuid.UUID(int=n)) for n in range(5)]
LOTS = [
    NewLot(activity, expires_on)
    for activity in ("volunteering", "teaching")
    for expires_on in (date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31), date(2028, 6, 30))
]
MEMORY = 300  # of what was made up last, what comes later refers to


class Dice:
    """Makes up postings; `now` is when they come: it mostly goes on, and now and then comes late."""

    def __init__(self, seed: int, people: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a repeatable test
        self.people = [resident(uuid.UUID(int=n + 1)) for n in range(people)]
        self.now = NOW
        self._used: list[str] = ["r"]
        self._held: list[tuple[BookAccount, str]] = [((QINGBO, AssetClass.SERVICE, self.people[0]), "none")]
        self._sent: list[list[PostTransfer]] = []
        self._makers = {
            self._grant: 28, self._purchase: 22, self._exchange: 10, self._gift: 8, self._both: 6, self._hold: 10,
            self._capture: 9, self._settle: 3, self._release: 3, self._refund: 10, self._expire: 4, self._never: 2,
            self._freeze: 5,
        }  # fmt: skip

    def batch(self, most: int) -> list[list[PostTransfer]]:
        """Make up at least one posting and at most so many, some time after the last."""
        self.now += timedelta(minutes=self._random.randint(-30, 300))
        made = self._random.choices(list(self._makers), list(self._makers.values()), k=self._random.randint(1, most))
        return [self._sure(make(self._reference())) for make in made]

    def _sure(self, posting: list[PostTransfer]) -> list[PostTransfer]:
        if moving := [command for command in posting if command.moves]:
            self._sent.append(moving)
        return posting

    def _reference(self) -> str:
        if self._random.random() < 0.06:
            return self._random.choice(self._used[-MEMORY:])
        self._used.append(f"{self._random.getrandbits(64):x}")
        return self._used[-1]

    def _grant(self, reference: str, asset_class: AssetClass | None = None) -> list[PostTransfer]:
        who, points = self._random.choice(self.people), self._random.randint(1, 60)
        asset_class = asset_class or self._random.choices(list(AssetClass), [2, 7, 2])[0]
        amounts = ((ISSUER, -points), (who, points))
        return [self._transfer(TransferKind.EARN, reference, *amounts, asset_class=asset_class)]

    def _both(self, reference: str) -> list[PostTransfer]:
        [basic] = self._grant(reference, AssetClass.BASIC)
        again = reference if self._random.random() < 0.1 else self._reference()
        return [basic, *self._grant(again, AssetClass.SERVICE)]

    def _purchase(self, reference: str) -> list[PostTransfer]:
        who, points = self._random.choice(self.people), self._random.randint(1, 50)
        return [self._transfer(TransferKind.REDEEM, reference, (who, -points), (self._random.choice(SHOPS), points))]

    def _exchange(self, reference: str) -> list[PostTransfer]:
        """Pay abroad; or take the points there, to an account of the same person: they keep their expiry."""
        here, there = self._random.sample(BOOKS, 2)
        who, price, kept = self._random.choice(self.people), self._random.randint(1, 40), self._random.randint(1, 5)
        paid = ((who, -price - kept), (clearing(there), price), (DISCOUNT, kept))
        arrives = who if self._random.random() < 0.5 else self._random.choice(SHOPS)
        got = ((clearing(here), -price), (arrives, price))
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
        code, asset_class = self._random.choice(BOOKS), self._random.choice([AssetClass.SERVICE, AssetClass.HOURS])
        gift = self._transfer(TransferKind.GIVE, reference, *amounts, code=code, asset_class=asset_class)
        bought = ((taker, -points), (self._random.choice(SHOPS), points))
        return [gift, self._transfer(TransferKind.REDEEM, self._reference(), *bought, code=code)][: points % 2 + 1]

    def _hold(self, reference: str) -> list[PostTransfer]:
        asset_class = self._random.choices(list(AssetClass), [1, 20, 3])[0]
        account = self._random.choice(BOOKS), asset_class, self._random.choice(self.people)
        self._held.append((account, reference))
        expires_at = self.now + timedelta(minutes=self._random.choice([-5, 1, 60, 600, 6000]))
        return [hold_of(account, reference, self._random.randint(1, 40), expires_at)]

    def _freeze(self, reference: str) -> list[PostTransfer]:
        """Hold what a transfer gave somebody, or gave nobody, until it is settled whether it is taken back."""
        if not self._sent:
            return self._grant(reference)
        sent = self._random.choice(self._random.choice(self._sent[-MEMORY:]))
        name, amount = self._random.choice(
            [one for one in sent.amounts if one[0] in self.people] or [(self.people[0], 9)]
        )
        account = sent.community_code, sent.asset_class, name
        self._held.append((account, reference))
        expires_at = self.now + timedelta(minutes=self._random.choice([60, 600, 6000]))
        points = self._random.randint(1, abs(amount) + 1)
        return [hold_of(account, reference, points, expires_at, (sent.kind, sent.reference))]

    def _capture(self, reference: str) -> list[PostTransfer]:
        account, hold = self._random.choice(self._held[-MEMORY:])
        points = self._random.randint(1, 30)
        amounts = ((account[2], -points), (self._random.choice(SHOPS), points))
        capture = self._transfer(TransferKind.REDEEM, reference, *amounts, code=account[0])
        return [replace(capture, hold=hold, asset_class=account[1])]

    def _settle(self, reference: str) -> list[PostTransfer]:
        """Capture a part, and let go of the rest with it."""
        [capture] = self._capture(reference)
        assert capture.hold
        return [capture, release_of(capture.account(capture.amounts[0][0]), capture.hold)]

    def _release(self, _: str) -> list[PostTransfer]:
        account, hold = self._random.choice(self._held[-MEMORY:])
        if self._random.random() < 0.1:
            account = (account[0], account[1], self._random.choice(self.people))
        return [release_of(account, hold)]

    def _refund(self, reference: str) -> list[PostTransfer]:
        """Give back all that was posted together, or a part of a transfer that has two sides."""
        if not self._sent:
            return self._grant(reference)
        sent = self._random.choice(self._sent[-MEMORY:])
        if len(sent) > 1:
            return [self._back(each, self._reference(), tuple((n, -a) for n, a in each.amounts)) for each in sent]
        (one, moved), (other, _) = sent[0].amounts
        part = self._random.choice([abs(moved), self._random.randint(1, abs(moved) + 1)])
        sign = 1 if moved < 0 else -1
        back = self._back(sent[0], reference, ((one, sign * part), (other, -sign * part)))
        return [replace(back, community_code=self._random.choice(BOOKS)) if self._random.random() < 0.05 else back]

    def _back(self, sent: PostTransfer, reference: str, amounts: tuple[tuple[AccountName, int], ...]) -> PostTransfer:
        back = self._transfer(
            TransferKind.REVERSE, reference, *amounts, code=sent.community_code, asset_class=sent.asset_class
        )
        return replace(back, reverses=(sent.kind, sent.reference))

    def _expire(self, reference: str) -> list[PostTransfer]:
        who, points = self._random.choice(self.people), self._random.randint(1, 30)
        asset_class = self._random.choice([AssetClass.SERVICE, AssetClass.SERVICE, AssetClass.HOURS])
        return [self._transfer(TransferKind.EXPIRE, reference, (who, -points), (POOL, points), asset_class=asset_class)]

    def _never(self, reference: str) -> list[PostTransfer]:
        """Do with basic points, or hours, what is never done with them."""
        who, points = self._random.choice(self.people), self._random.randint(1, 30)
        [spent] = self._purchase(reference)
        basic = self._transfer(TransferKind.GIVE, reference, (who, -points), (self.people[0], points))
        changed = [replace(spent, asset_class=AssetClass.BASIC), replace(spent, asset_class=AssetClass.HOURS)]
        return [self._random.choice([*changed, replace(basic, asset_class=AssetClass.BASIC)])]

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
