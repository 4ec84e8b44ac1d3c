"""What of a batch is posted: each posting as if those before it had come alone.

A batch is decided in memory, on what was read under the locks; `post` reads it before and writes it after.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.points.ledger.rules import (
    AccountKind,
    AccountName,
    AlreadyPosted,
    AssetClass,
    BookAccount,
    LotMove,
    MoreThanPosted,
    NothingToReverse,
    NotSpendable,
    Outcome,
    PeriodSealed,
    Posted,
    Posting,
    PostTransfer,
    Reference,
    TransferKind,
)
from services.points.lots.rules import HoldClosed, Part, Wallet, by_expiry, child_of, inherited, lot_for
from shared.clock import local_day
from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Original:
    """A transfer that is to be reversed: what it has moved, less what was given back since.

    Attributes:
        left: By account, what of it still stands: 0 once all is given back.
        lots: By the account of a resident, the same for each lot.
    """

    transfer_id: uuid.UUID
    asset_class: AssetClass
    left: dict[uuid.UUID, int]
    lots: dict[uuid.UUID, dict[uuid.UUID, int]]

    def copy(self) -> "Original":
        """Return one that can be tried out."""
        lots = {account_id: dict(moved) for account_id, moved in self.lots.items()}
        return Original(self.transfer_id, self.asset_class, dict(self.left), lots)

    def give_back(self, account_id: uuid.UUID, amount: int, reference: str) -> None:
        """Note that an amount goes back to an account that it came from.

        Raises:
            MoreThanPosted: Less than that is left of what it moved, or it moved nothing there.
        """
        left = -self.left.get(account_id, 0)
        if not (0 < amount <= left or left <= amount < 0):
            raise MoreThanPosted(reference=reference, reversible=abs(left), required=abs(amount))
        self.left[account_id] += amount


@dataclass(slots=True)
class Standing:
    """What a batch is decided on; each posting that is accepted moves it on for those after it.

    Attributes:
        now: The ledger's time.
        account_ids: Of every account that the batch names.
        wallets: The residents' accounts, which can refuse.
        transfer_ids: The ids that the transfers get.
        posted: Those of the batch's references that are in the book.
        reversed_here: What names the transfers that the batch reverses.
        originals: Those of them that are in the book.
        sealed: Up to when the books are sealed for which the batch has something that happened before.
    """

    now: datetime
    account_ids: dict[BookAccount, uuid.UUID]
    wallets: dict[BookAccount, Wallet]
    transfer_ids: dict[Reference, uuid.UUID] = field(default_factory=dict)
    posted: set[Reference] = field(default_factory=set)
    reversed_here: frozenset[Reference] = frozenset()
    originals: dict[Reference, Original] = field(default_factory=dict)
    sealed: dict[str, datetime] = field(default_factory=dict)

    def take(self, posting: Posting) -> list[Posted]:
        """Post commands all or none: what is refused leaves no trace.

        Raises:
            Refusal: One of them cannot be posted, for the reason that it tells.
        """
        claimed: set[Reference] = set()
        for command in posting:
            if (reference := command.known_as) in self.posted or reference in claimed:
                raise AlreadyPosted(reference=command.reference)
            if command.kind is not TransferKind.RELEASE:  # a hold that is released twice says that it is closed
                claimed.add(reference)
        trial = _Trial(self)
        posted = [trial.move(command) for command in posting]
        self.wallets.update(trial.wallets)
        self.originals.update(trial.originals)
        self.posted |= claimed
        for one in posted:
            if one.command.known_as in self.reversed_here:
                self.originals[one.command.known_as] = self._as_original(one)
        return posted

    def _as_original(self, posted: Posted) -> Original:
        original = Original(posted.transfer_id, posted.command.asset_class, {}, {})
        for (name, amount), moves in zip(posted.command.amounts, posted.lot_moves, strict=True):
            account_id = self.account_ids[posted.command.account(name)]
            original.left[account_id] = original.left.get(account_id, 0) + amount
            lots = original.lots.setdefault(account_id, {})
            for lot_id, part in moves:
                lots[lot_id] = lots.get(lot_id, 0) + part
        return original


class _Trial:
    """A posting that is tried out: it works on copies of what it touches."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._today = local_day(standing.now)
        self._debited: list[Part] = []  # by the transfers so far, from residents
        self.wallets: dict[BookAccount, Wallet] = {}
        self.originals: dict[Reference, Original] = {}

    def move(self, command: PostTransfer) -> Posted:
        """Move what a command says, debits before credits."""
        if not admissible(command):
            raise NotSpendable(asset_class=command.asset_class)
        sealed = self._standing.sealed.get(command.community_code)
        if command.occurred_at and sealed and command.occurred_at <= sealed:
            raise PeriodSealed(community_code=command.community_code, up_to=sealed.isoformat())
        balances: list[int | None] = [None] * len(command.amounts)
        moves: list[tuple[LotMove, ...]] = [()] * len(command.amounts)
        taken: list[Part] = []
        original = self._original(command)
        for place in sorted(range(len(command.amounts)), key=lambda place: command.amounts[place][1] > 0):
            name, amount = command.amounts[place]
            if original and command.moves:
                original.give_back(self._account_id(command, name), amount, command.reference)
            if name.kind is not AccountKind.RESIDENT:
                continue
            wallet = self._wallet(command, name)
            if not command.moves:
                moves[place] = tuple(self._hold(command, wallet, -amount, original))
            elif original:
                moves[place] = tuple(self._reverse(original, wallet, amount))
            elif amount < 0:
                moves[place] = tuple(self._debit(command, wallet, -amount))
                taken += [(wallet.lots[lot_id], -part) for lot_id, part in moves[place]]
            else:
                moves[place] = tuple(wallet.credit(self._credited(command, wallet.account_id, amount, taken)))
            balances[place] = wallet.balance
        self._debited += taken
        return Posted(self._standing.transfer_ids[command.known_as], command, tuple(balances), tuple(moves))

    def _debit(self, command: PostTransfer, wallet: Wallet, amount: int) -> list[LotMove]:
        if command.hold:
            return wallet.capture(command.hold, amount)
        if command.kind is TransferKind.EXPIRE:
            return wallet.debit(wallet.expired(self._today), amount)
        return wallet.debit(wallet.spendable(self._today), amount)

    def _credited(self, command: PostTransfer, account_id: uuid.UUID, amount: int, taken: list[Part]) -> list[Part]:
        """Say in which lots a credit arrives: that of a grant, or those of what the transfer or its posting debits."""
        if any(name.kind is AccountKind.ISSUER for name, _ in command.amounts):
            if command.lot is None:
                raise ValueError("a resident is granted only points that have a lot")
            return [(lot_for(account_id, command.community_code, command.lot), amount)]
        debited = taken or self._debited
        if not debited:
            raise ValueError("points come to a resident from an issuer, by a reversal, or from what a resident gives")
        debited.sort(key=lambda part: by_expiry(part[0]))
        return [(child_of(lot, account_id), part) for lot, part in inherited(debited, amount)]

    def _hold(self, command: PostTransfer, wallet: Wallet, amount: int, original: Original | None) -> list[LotMove]:
        if command.kind is TransferKind.RELEASE:
            wallet.release(command.reference)
            return []
        if command.expires_at is None:
            raise ValueError("a hold expires")
        if command.expires_at <= self._standing.now:
            raise HoldClosed(reference=command.reference, closed_as="expired")
        put = original.lots.get(wallet.account_id, {}).items() if original else ()
        parts = wallet.among(put) if original else wallet.spendable(self._today)
        return wallet.hold(command.reference, amount, command.expires_at, parts)

    @staticmethod
    def _reverse(original: Original, wallet: Wallet, amount: int) -> list[LotMove]:
        moved = original.lots[wallet.account_id]
        if amount < 0:
            moves = wallet.debit(wallet.among(moved.items()), -amount)
        else:
            moves = wallet.give_back([(lot_id, -part) for lot_id, part in moved.items()], amount)
        for lot_id, part in moves:
            moved[lot_id] += part
        return moves

    def _account_id(self, command: PostTransfer, name: AccountName) -> uuid.UUID:
        return self._standing.account_ids[command.account(name)]

    def _wallet(self, command: PostTransfer, name: AccountName) -> Wallet:
        account = command.account(name)
        if account not in self.wallets:
            self.wallets[account] = self._standing.wallets[account].copy()
        return self.wallets[account]

    def _original(self, command: PostTransfer) -> Original | None:
        reference = command.original
        if reference is None:
            return None
        if reference not in self.originals:
            original = self._standing.originals.get(reference)
            if original is None or original.asset_class != command.asset_class:
                raise NothingToReverse(reference=reference[2])
            if reference[1] is TransferKind.REVERSE:  # it is final: what was given back in error is posted anew
                raise MoreThanPosted(
                    reference=command.reference, reversible=0, required=max(amount for _, amount in command.amounts)
                )
            self.originals[reference] = original.copy()
        return self.originals[reference]


_GRANTED = {AccountKind.ISSUER, AccountKind.RESIDENT}
_ALLOWED = {
    AssetClass.BASIC: ({TransferKind.EARN, TransferKind.REVERSE}, _GRANTED),
    AssetClass.SERVICE: (set(TransferKind), set(AccountKind)),
    AssetClass.HOURS: (set(TransferKind) - {TransferKind.REDEEM, TransferKind.SETTLE}, {*_GRANTED, AccountKind.POOL}),
}
"""What points of a class are for (P7): the kinds of transfer, and the kinds of account. The schema says it too."""


def admissible(command: PostTransfer) -> bool:
    """Tell whether points of the class are ever for this (guideline 4).

    Basic points are granted, and a grant made in error is reversed; hours are given for hours, never for goods.
    """
    kinds, accounts = _ALLOWED[command.asset_class]
    granted = all((amount < 0) == (name.kind is AccountKind.ISSUER) for name, amount in command.amounts)
    moved = command.asset_class is AssetClass.BASIC and command.kind is TransferKind.EARN and not granted
    return command.kind in kinds and not moved and {name.kind for name, _ in command.amounts} <= accounts


def decide(postings: Sequence[Posting], standing: Standing) -> list[Outcome]:
    """Decide a batch in the order of arrival, each posting as if those before it had come alone."""
    for wallet in standing.wallets.values():
        wallet.lapse(standing.now)
    outcomes: list[Outcome] = []
    for posting in postings:
        try:
            outcomes.append(standing.take(posting))
        except Refusal as refusal:
            outcomes.append(refusal)
    return outcomes
