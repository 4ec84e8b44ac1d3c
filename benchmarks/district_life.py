"""A district's year in memory: residents earn, spend at home and next door, points expire, communities settle.

What decides is the product's own: a corridor's rate, the price before its discount, how a payment is divided, which
lots are spent first, when points expire, who pays whom at a window's end. What stands in for the database is a book of
sums, because the ledger would take hours for a year of millions of movements.
"""

import csv
import random
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from services.points.allotments.rules import rounded_down
from services.points.clearing.rules import HOUSE, Method, Payment, payments
from services.points.exchange.rules import BASIS, Moving, Terms, discount_at, divide, price_before_discount
from services.points.ledger.rules import NewLot, month_end_after
from services.points.lots.rules import Wallet, lot_for

CODES = Path("services/operations/communities/zhejiang-communities.csv")
DISTRICT = "330102"
SEASONS = (80, 45, 110, 120, 115, 100, 75, 70, 115, 130, 120, 100)
"""Good deeds by month, in percent of an ordinary one: few at Spring Festival and in the heat, many in autumn."""
VALID_MONTHS = 6
AT_HOME = 8  # of ten purchases
FULL_AT_EACH = 66  # points that a community may owe for each resident before the discount is at its ceiling


@dataclass(frozen=True, slots=True)
class Setting:
    """What is lived through."""

    communities: int
    residents: int
    days: int
    seed: int
    moving: bool

    @property
    def terms(self) -> Terms:
        """Return the terms of every corridor."""
        full_at = FULL_AT_EACH * rounded_down(self.residents, 1, self.communities)
        return Terms(BASIS, 500, Moving(0, 9000, full_at) if self.moving else None)


@dataclass(slots=True)
class Resident:
    """A resident with its wallet."""

    home: int
    wallet: Wallet


@dataclass(frozen=True, slots=True)
class Month:
    """What stood at a month's end, in points; shares in basis points."""

    month: int
    earned: int
    spent_abroad: int
    expired: int
    liability: int
    flood_owes: int
    flood_discount_bp: int
    hoard_share_bp: int
    top_share_bp: int
    gini_bp: int
    settled: int


@dataclass
class District:
    """A district under way.

    The first community floods: it grants eight times as much as others, its residents spend it next door, at the
    second, and it consents to no settlement. The third hoards: its residents earn and hardly ever spend.
    """

    setting: Setting
    codes: list[str] = field(init=False)
    residents: list[Resident] = field(init=False)
    books: list[Counter[str]] = field(init=False)
    owed: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    months: list[Month] = field(default_factory=list)

    FLOODS, FLOODED, HOARDS = 0, 1, 2

    def __post_init__(self) -> None:
        dice = random.Random(self.setting.seed)  # noqa: S311 - a life to try
        with CODES.open(encoding="utf-8") as rows:
            all_codes = sorted(row["code"] for row in csv.DictReader(rows) if row["code"].startswith(DISTRICT))
        self.codes = all_codes[: self.setting.communities]
        self.books = [Counter() for _ in self.codes]
        homes = [number % len(self.codes) for number in range(self.setting.residents)]
        self.residents = [Resident(home, Wallet(uuid.UUID(int=dice.getrandbits(128)), 0)) for home in homes]

    def live(self) -> None:
        """Live through all days; what must always hold is looked at at each month's end."""
        dice = random.Random(self.setting.seed + 1)  # noqa: S311 - a life to try
        day, flow = date(2026, 1, 1), Counter[str]()
        for _ in range(self.setting.days):
            self._day(day, dice, flow)
            if (day + timedelta(days=1)).month != day.month:
                flow["expired"] += self._expire(day)
                settled = self._settle()
                self.check()
                self.months.append(self._month(day.month, flow, settled))
                flow = Counter()
            day += timedelta(days=1)

    def _day(self, day: date, dice: random.Random, flow: Counter[str]) -> None:
        busy = SEASONS[day.month - 1]
        for resident in self.residents:
            if dice.randrange(3000) < busy:
                points = dice.randint(10, 60) * (8 if resident.home == self.FLOODS else 1)
                self._earn(resident, points, day)
                flow["earned"] += points
            spends = 1 if resident.home == self.HOARDS else 40
            if resident.wallet.balance and dice.randrange(1000) < spends:
                flow["abroad"] += self._spend(resident, day, dice)

    def _earn(self, resident: Resident, points: int, day: date) -> None:
        lot = NewLot("volunteering", month_end_after(day, VALID_MONTHS))
        resident.wallet.credit([(lot_for(resident.wallet.account_id, self.codes[resident.home], lot), points)])
        self.books[resident.home]["issuer"] -= points

    def _spend(self, resident: Resident, day: date, dice: random.Random) -> int:
        """Buy something at home or abroad; returns what was owed for it."""
        home, price = resident.home, dice.randint(20, 200)
        place = self._place(home, dice)
        owed = self.owed[home, place] - self.owed[place, home]
        rate_bp, discount_bp = self.setting.terms.rate_bp, discount_at(self.setting.terms, owed)
        if place != home and dice.randrange(BASIS) < discount_bp:  # the dearer it is abroad, the fewer go
            place = home
        if place == home:
            rate_bp, discount_bp = BASIS, 0
        paid = price_before_discount(price, rate_bp, discount_bp)
        wallet = resident.wallet
        spendable = wallet.spendable(day)
        if sum(points for _, points in spendable) < paid:
            return 0
        wallet.debit(spendable, paid)
        self.books[place]["merchant"] += price
        if place == home:
            return 0
        kept = divide(paid, rate_bp, discount_bp)
        self.books[home].update(clearing=kept.arrives, discount=kept.discount, residue=kept.residue)
        self.books[place]["clearing"] -= kept.arrives
        self.owed[home, place] += kept.arrives
        return kept.arrives

    def _place(self, home: int, dice: random.Random) -> int:
        """Choose where to shop: the flood goes next door nine times of ten, others stay at home eight times of ten."""
        if home == self.FLOODS:
            return self.FLOODED if dice.randrange(10) else home
        if dice.randrange(10) < AT_HOME:
            return home
        if home == self.FLOODED:
            return self.FLOODS
        return (home + dice.choice((-1, 1, 2))) % len(self.codes)

    def _expire(self, day: date) -> int:
        expired = 0
        for resident in self.residents:
            gone = resident.wallet.expired(day + timedelta(days=1))
            if points := sum(part for _, part in gone):
                resident.wallet.debit(gone, points)
                self.books[resident.home]["pool"] += points
                expired += points
        return expired

    def _settle(self) -> int:
        """Settle the month among those who consent, through the clearing house; returns what moved."""
        pairs = [(one, other) for one, other in self.owed if one < other or (other, one) not in self.owed]
        debts = []
        for one, other in sorted({(min(pair), max(pair)) for pair in pairs}):
            net = self.owed[one, other] - self.owed[other, one]
            if net and self.FLOODS not in {one, other}:
                debtor, creditor = (one, other) if net > 0 else (other, one)
                debts.append(Payment(self.codes[debtor], self.codes[creditor], abs(net)))
                for book, points in ((debtor, abs(net)), (creditor, -abs(net))):
                    self.books[book].update(clearing=-points, settlement=points)
                self.owed[one, other] = self.owed[other, one] = 0
        paid = payments(Method.MULTILATERAL, debts)
        assert sum(each.points if each.creditor == HOUSE else -each.points for each in paid) == 0  # noqa: S101
        return sum(each.points for each in paid if each.creditor == HOUSE)

    def check(self) -> None:
        """Hold the books against themselves.

        Raises:
            AssertionError: Points were lost or made, somebody is overdrawn, or clearing is not mirrored.
        """
        held = Counter[int]()
        for resident in self.residents:
            wallet = resident.wallet
            if min((lot.remaining for lot in wallet.lots.values()), default=0) < 0:
                raise AssertionError("overdrawn")
            if wallet.balance != sum(lot.remaining for lot in wallet.lots.values()):
                raise AssertionError("a balance is not that of its lots")
            held[resident.home] += wallet.balance
        for number, book in enumerate(self.books):
            if book.total() + held[number]:
                raise AssertionError(f"the book of {self.codes[number]} does not sum to 0")
        for account in ("clearing", "settlement"):
            if sum(book[account] for book in self.books):
                raise AssertionError(f"{account} does not sum to 0")
        for number, book in enumerate(self.books):
            owes = sum(points * ((one == number) - (other == number)) for (one, other), points in self.owed.items())
            if owes != book["clearing"]:
                raise AssertionError("clearing is not what is owed")

    def _month(self, month: int, flow: Counter[str], settled: int) -> Month:
        balances = sorted(resident.wallet.balance for resident in self.residents)
        total = sum(balances)
        hoard = sum(one.wallet.balance for one in self.residents if one.home == self.HOARDS)
        flood = self.owed[self.FLOODS, self.FLOODED] - self.owed[self.FLOODED, self.FLOODS]
        return Month(
            month=month,
            earned=flow["earned"],
            spent_abroad=flow["abroad"],
            expired=flow["expired"],
            liability=total,
            flood_owes=flood,
            flood_discount_bp=discount_at(self.setting.terms, flood),
            hoard_share_bp=rounded_down(BASIS, hoard, max(total, 1)),
            top_share_bp=rounded_down(BASIS, sum(balances[-max(len(balances) // 100, 1) :]), max(total, 1)),
            gini_bp=_gini_bp(balances, total),
            settled=settled,
        )


def _gini_bp(balances: list[int], total: int) -> int:
    """Return the Gini coefficient of balances in ascending order, in basis points: 0 if all have the same."""
    count = len(balances)
    weighted = sum(place * balance for place, balance in enumerate(balances, start=1))
    return rounded_down(BASIS, 2 * weighted - (count + 1) * total, max(count * total, 1))
