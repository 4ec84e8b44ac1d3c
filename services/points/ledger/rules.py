"""What the ledger allows: what a transfer is made of, which lots are spent first, and what of a batch is posted.

A batch is decided in memory, on what was read under the locks; `post` reads it before and writes it after.
"""

import calendar
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from shared.errors import Conflict, Refusal


class AssetClass(StrEnum):
    """What points are good for: basic 基本积分 can never be redeemed, service 服务积分 can."""

    BASIC = "basic"
    SERVICE = "service"


class AccountKind(StrEnum):
    """What an account is for; only a resident's can refuse."""

    ISSUER = "issuer"
    RESIDENT = "resident"
    MERCHANT = "merchant"
    CLEARING = "clearing"
    DISCOUNT = "discount"
    SETTLEMENT = "settlement"


class TransferKind(StrEnum):
    """Why points move."""

    EARN = "earn"
    REDEEM = "redeem"
    SETTLE = "settle"


@dataclass(kw_only=True, eq=False)
class NotEnoughPoints(Conflict):
    """The account has fewer points that may be spent than this takes."""

    type = "not-enough-points"
    title = "可用积分不足"
    title_en = "Not enough points"
    detail = "可用积分 {available}，本次需要 {required}。请减少数量，或参加活动获取积分后再试。"
    detail_en = "{available} points may be spent, this takes {required}. Ask for less, or earn more first."

    available: int
    required: int


@dataclass(kw_only=True, eq=False)
class AlreadyPosted(Conflict):
    """The same deed or purchase was posted before, under another idempotency key."""

    type = "already-posted"
    title = "该笔业务已入账"
    title_en = "Already posted"
    detail = "业务 {reference} 已经入账，不会重复记账。"
    detail_en = "{reference} has been posted before; it is not posted twice."

    reference: str


@dataclass(frozen=True, slots=True, order=True)
class AccountName:
    """An account by what it is, in the book that the transfer belongs to."""

    kind: AccountKind
    owner: str


ISSUER = AccountName(AccountKind.ISSUER, "issuer")
DISCOUNT = AccountName(AccountKind.DISCOUNT, "discount")
SETTLEMENT = AccountName(AccountKind.SETTLEMENT, "settlement")


def resident(resident_id: uuid.UUID) -> AccountName:
    """Name a resident's account."""
    return AccountName(AccountKind.RESIDENT, f"resident:{resident_id}")


def merchant(merchant_id: uuid.UUID) -> AccountName:
    """Name a merchant's account."""
    return AccountName(AccountKind.MERCHANT, f"merchant:{merchant_id}")


def clearing(counterparty: str) -> AccountName:
    """Name the account of what a community owes another (positive), or is owed by it."""
    return AccountName(AccountKind.CLEARING, f"clearing:{counterparty}")


BookAccount = tuple[str, AssetClass, AccountName]
"""An account of one community's book of one class."""

Reference = tuple[str, TransferKind, str]
"""What names a transfer once and for all: community, kind and reference."""


@dataclass(frozen=True, slots=True)
class NewLot:
    """How the points that a resident is credited with were earned, and when they expire."""

    activity: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class PostTransfer:
    """A movement in one community's book of one class: amounts by account, which sum to 0.

    A resident's credit needs `lot`; a resident's debit is taken from its lots.
    """

    community_code: str
    asset_class: AssetClass
    kind: TransferKind
    reference: str
    amounts: tuple[tuple[AccountName, int], ...]
    lot: NewLot | None = None

    def account(self, name: AccountName) -> BookAccount:
        """Return the account that it means by a name."""
        return self.community_code, self.asset_class, name

    @property
    def known_as(self) -> Reference:
        """Return what names it once and for all."""
        return self.community_code, self.kind, self.reference


Posting = Sequence[PostTransfer]
"""Transfers that belong together, of any books: all are posted or none is."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A transfer that was posted.

    `balances` are those after each of the command's amounts, None for an account that keeps none; `lot_moves` say what
    it put into each lot, or took out of it.
    """

    transfer_id: uuid.UUID
    command: PostTransfer
    balances: tuple[int | None, ...]
    lot_moves: tuple[tuple[uuid.UUID, int], ...]


Outcome = list[Posted] | Refusal
"""What became of a posting: its transfers, or why it was refused."""


def month_end_after(day: date, months: int) -> date:
    """Return the last day of the month that lies `months` after the month of `day`."""
    month0 = day.year * 12 + day.month - 1 + months
    year, month = month0 // 12, month0 % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


@dataclass(frozen=True, slots=True)
class Holding:
    """A lot, with what was ever put into it and what is left."""

    lot_id: uuid.UUID
    activity: str
    expires_on: date
    earned: int
    remaining: int


def spend_earliest(holdings: Iterable[Holding], amount: int, today: date) -> list[tuple[uuid.UUID, int]]:
    """Choose what to take from which lot: earliest expiry first, nothing of what has expired.

    Args:
        holdings: The lots of one account.
        amount: How many points are spent.
        today: The ledger's day; a lot is good until the end of its `expires_on`.

    Returns:
        Pairs of lot and points taken, which sum to `amount`.

    Raises:
        NotEnoughPoints: The lots that are still good hold less.
    """
    good = sorted((h for h in holdings if h.expires_on >= today), key=lambda h: (h.expires_on, h.lot_id))
    available = sum(h.remaining for h in good)
    if available < amount:
        raise NotEnoughPoints(available=available, required=amount)
    taken = []
    for holding in good:
        part = min(holding.remaining, amount)
        if part:
            taken.append((holding.lot_id, part))
        amount -= part
    return taken


@dataclass(slots=True)
class Wallet:
    """A resident's account under its lock."""

    account_id: uuid.UUID
    balance: int
    lots: dict[uuid.UUID, Holding]

    def moved(self, amount: int, lot: NewLot | None, today: date) -> list[tuple[uuid.UUID, int]]:
        """Put points into their lot or take them out of the earliest; returns what that does to which lot.

        Raises:
            NotEnoughPoints: The lots that are still good hold less.
        """
        if amount > 0:
            moves = [(self._lot_of(lot), amount)]
        else:
            moves = [(lot_id, -part) for lot_id, part in spend_earliest(self.lots.values(), -amount, today)]
        for lot_id, part in moves:
            before = self.lots[lot_id]
            earned = before.earned + max(part, 0)
            self.lots[lot_id] = replace(before, earned=earned, remaining=before.remaining + part)
        self.balance += amount
        return moves

    def _lot_of(self, lot: NewLot | None) -> uuid.UUID:
        if lot is None:
            raise ValueError("a resident is credited only with points that have a lot")
        same = (h for h in self.lots.values() if (h.activity, h.expires_on) == (lot.activity, lot.expires_on))
        return next(same).lot_id


@dataclass(slots=True)
class Standing:
    """What a batch is decided on; each posting that is accepted moves it on for those after it.

    Attributes:
        wallets: The residents' accounts, which can refuse, with a lot for each credit of the batch.
        transfer_ids: The ids that the transfers get.
        posted: Those of the batch's references that are in the book.
    """

    wallets: dict[BookAccount, Wallet]
    transfer_ids: dict[Reference, uuid.UUID]
    posted: set[Reference]

    def take(self, posting: Posting, today: date) -> list[Posted]:
        """Post transfers all or none: what is refused leaves no trace.

        Raises:
            AlreadyPosted: One of them is in the book, or stands in the posting twice.
            NotEnoughPoints: A resident's lots that are still good hold less than a debit.
        """
        claimed: set[Reference] = set()
        for command in posting:
            if (reference := command.known_as) in self.posted or reference in claimed:
                raise AlreadyPosted(reference=command.reference)
            claimed.add(reference)
        tried: dict[BookAccount, Wallet] = {}
        posted = [self._move(command, tried, today) for command in posting]
        self.wallets.update(tried)
        self.posted |= claimed
        return posted

    def _move(self, command: PostTransfer, tried: dict[BookAccount, Wallet], today: date) -> Posted:
        balances: list[int | None] = []
        lot_moves: dict[uuid.UUID, int] = {}
        for name, amount in command.amounts:
            wallet = None
            if name.kind is AccountKind.RESIDENT:
                account = command.account(name)
                if account not in tried:
                    before = self.wallets[account]
                    tried[account] = replace(before, lots=dict(before.lots))
                wallet = tried[account]
                for lot_id, part in wallet.moved(amount, command.lot, today):
                    lot_moves[lot_id] = lot_moves.get(lot_id, 0) + part
            balances.append(wallet.balance if wallet else None)
        moved = tuple((lot_id, part) for lot_id, part in lot_moves.items() if part)
        return Posted(self.transfer_ids[command.known_as], command, tuple(balances), moved)


def decide(postings: Sequence[Posting], standing: Standing, today: date) -> list[Outcome]:
    """Decide a batch in the order of arrival, each posting as if those before it had come alone."""
    outcomes: list[Outcome] = []
    for posting in postings:
        try:
            outcomes.append(standing.take(posting, today))
        except (NotEnoughPoints, AlreadyPosted) as refusal:
            outcomes.append(refusal)
    return outcomes
