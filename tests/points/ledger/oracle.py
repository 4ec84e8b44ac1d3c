"""What posting means: a book in plain Python that takes postings one by one."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from services.points.ledger.rules import (
    AccountKind,
    AlreadyPosted,
    AssetClass,
    BookAccount,
    MoreThanPosted,
    NotEnoughPoints,
    NothingToReverse,
    NotSpendable,
    Outcome,
    PostTransfer,
    Reference,
    TransferKind,
)
from services.points.lots.rules import HoldClosed, HoldUnknown, MoreThanHeld
from shared.clock import local_day
from shared.errors import Refusal

Told = tuple[object, ...]
"""An outcome, so that it can be compared: what was posted with its balances, or the refusal with its facts."""


Moved = dict[tuple[BookAccount, uuid.UUID | None], int]
"""What of a transfer still stands, by account and lot."""


def told(outcome: Outcome) -> Told:
    """Return an outcome in a form that can be compared."""
    if isinstance(outcome, list):
        return ("posted", *(one.balances for one in outcome))
    return (outcome.type, *outcome.facts().values())


@dataclass(frozen=True)
class Lot:
    """Points of one account that expire together."""

    lot_id: uuid.UUID
    account: BookAccount
    issuer: str
    activity: str
    expires_on: date
    left: int = 0


@dataclass(frozen=True)
class Held:
    """A hold; `closed_as` is empty while it is open."""

    account: BookAccount
    expires_at: datetime
    pins: Mapping[uuid.UUID, int]
    closed_as: str = ""


@dataclass
class Oracle:
    """A book: what is in which account and lot, what is held, and what each transfer has moved and got back.

    Attributes:
        ids: Of the accounts, from which those of their lots follow.
    """

    ids: Mapping[BookAccount, uuid.UUID]
    balances: Counter[BookAccount] = field(default_factory=Counter)
    lots: dict[uuid.UUID, Lot] = field(default_factory=dict)
    of_account: dict[BookAccount, dict[uuid.UUID, None]] = field(default_factory=dict)
    holds: dict[tuple[str, str], Held] = field(default_factory=dict)
    held_by: dict[BookAccount, set[tuple[str, str]]] = field(default_factory=dict)
    moved: dict[Reference, Moved] = field(default_factory=dict)
    _undo: list[Callable[[], None]] = field(default_factory=list)

    def post(self, posting: list[PostTransfer], now: datetime) -> Told:
        """Post commands all or none."""
        for command in filter(_admissible, posting):
            for name, _ in command.amounts:
                self._lapse(command.account(name), now)
        self._undo = []
        try:
            self._refuse_repeated(posting)
            given: list[tuple[Lot, int]] = []
            return ("posted", *(self._take(command, given, now) for command in posting))
        except Refusal as refusal:
            for back in reversed(self._undo):
                back()
            return told(refusal)

    def _lapse(self, account: BookAccount, now: datetime) -> None:
        for name in list(self.held_by.get(account, ())):
            hold = self.holds[name]
            if not hold.closed_as and hold.expires_at <= now:
                self.holds[name] = replace(hold, closed_as="expired", pins={})
            if self.holds[name].closed_as:
                self.held_by[account].discard(name)

    def _refuse_repeated(self, posting: list[PostTransfer]) -> None:
        seen: set[Reference] = set()
        for command in posting:
            again = (command.community_code, command.reference) in self.holds and command.kind is TransferKind.HOLD
            if command.known_as in self.moved or command.known_as in seen or again:
                raise AlreadyPosted(reference=command.reference)
            if command.kind is not TransferKind.RELEASE:
                seen.add(command.known_as)

    def _take(self, command: PostTransfer, given: list[tuple[Lot, int]], now: datetime) -> tuple[int | None, ...]:
        original = self._original(command)
        here: list[tuple[Lot, int]] = []
        moved: Counter[tuple[BookAccount, uuid.UUID | None]] = Counter()
        balances: dict[int, int | None] = {}
        legs = list(enumerate(command.amounts))
        for place, (name, amount) in [leg for leg in legs if leg[1][1] <= 0] + [leg for leg in legs if leg[1][1] > 0]:
            account = command.account(name)
            if original is not None and command.moves:
                _check_left(original, account, amount, command.reference)
            if name.kind is not AccountKind.RESIDENT:
                parts: list[tuple[uuid.UUID | None, int]] = [(None, amount)]
            elif command.kind in {TransferKind.HOLD, TransferKind.RELEASE}:
                self._hold_or_release(command, account, -amount, original, now)
                parts = []
            else:
                parts = list(self._move_lots(command, (account, amount), original, here or given, now))
                here += [(self.lots[lot_id], -part) for lot_id, part in parts if lot_id and amount < 0]
            for lot_id, part in parts:
                moved[account, lot_id] += part
                self._set(self.balances, account, self.balances[account] + part)
                if original is not None:
                    self._set(original, (account, lot_id), original.get((account, lot_id), 0) + part)
            balances[place] = self.balances[account] if name.kind is AccountKind.RESIDENT else None
        given += here
        if command.moves:
            self._set(self.moved, command.known_as, dict(moved))
        return tuple(balances[place] for place in range(len(legs)))

    def _original(self, command: PostTransfer) -> Moved | None:
        if not _admissible(command):
            raise NotSpendable(asset_class=command.asset_class)
        if command.reverses is None:
            return None
        original = self.moved.get((command.community_code, *command.reverses))
        if original is None or next(iter(original))[0][1] is not command.asset_class:
            raise NothingToReverse(reference=command.reverses[1])
        if command.reverses[0] is TransferKind.REVERSE:
            most = max(amount for _, amount in command.amounts)
            raise MoreThanPosted(reference=command.reference, reversible=0, required=most)
        return original

    def _move_lots(
        self,
        command: PostTransfer,
        leg: tuple[BookAccount, int],
        original: Moved | None,
        given: list[tuple[Lot, int]],
        now: datetime,
    ) -> Iterator[tuple[uuid.UUID, int]]:
        account, amount = leg
        today = local_day(now)
        lots = self._lots(account)
        if original is not None:
            mine = [(lot, -original.get((account, lot.lot_id), 0)) for lot in reversed(lots)]
            if amount > 0:
                yield from self._spread([(lot, most) for lot, most in mine if most > 0], amount, 1)
            else:
                parts = [(lot, min(-most, self._free(lot))) for lot, most in mine if most < 0]
                yield from self._spread(parts, -amount, -1)
        elif amount < 0 and command.hold:
            yield from self._capture(account, (command.community_code, command.hold), -amount)
        elif amount < 0:
            over = command.kind is TransferKind.EXPIRE
            parts = [(lot, self._free(lot)) for lot in lots if (lot.expires_on < today) == over]
            yield from self._spread(parts, -amount, -1)
        elif any(name.kind is AccountKind.ISSUER for name, _ in command.amounts):
            assert command.lot
            yield self._put(self._lot(account, account[0], command.lot.activity, command.lot.expires_on), amount)
        else:
            given.sort(key=lambda one: (one[0].expires_on, one[0].lot_id))
            for place in [*range(len(given)), 0]:
                source, left_here = given[place]
                last = place == 0 and not any(most for _, most in given)
                if part := amount if last else min(amount, left_here):
                    given[place] = (source, max(0, left_here - part))
                    amount -= part
                    yield self._put(self._lot(account, source.issuer, source.activity, source.expires_on), part)

    def _capture(self, account: BookAccount, name: tuple[str, str], amount: int) -> list[tuple[uuid.UUID, int]]:
        pins = self._open(account, name).pins
        if sum(pins.values()) < amount:
            raise MoreThanHeld(reference=name[1], held=sum(pins.values()), required=amount)
        taken = list(self._spread([(lot, pins.get(lot.lot_id, 0)) for lot in self._lots(account)], amount, -1))
        left = {lot_id: rest for lot_id, pin in pins.items() if (rest := pin + dict(taken).get(lot_id, 0))}
        self._close(name, left, "" if left else "captured")
        return taken

    def _hold_or_release(
        self, command: PostTransfer, account: BookAccount, amount: int, original: Moved | None, now: datetime
    ) -> None:
        name = (command.community_code, command.reference)
        if command.kind is TransferKind.RELEASE:
            self._open(account, name)
            self._close(name, {}, "released")
            return
        assert command.expires_at
        if command.expires_at <= now:
            raise HoldClosed(reference=command.reference, closed_as="expired")
        lots = self._lots(account)
        parts = [(lot, self._free(lot)) for lot in lots if lot.expires_on >= local_day(now)]
        if original is not None:
            put = [(lot, original.get((account, lot.lot_id), 0)) for lot in reversed(lots)]
            parts = [(lot, min(most, self._free(lot))) for lot, most in put if most > 0]
        available = sum(most for _, most in parts)
        if available < amount:
            raise NotEnoughPoints(available=available, required=amount)
        pins = {}
        for lot, most in parts:
            if part := min(most, amount):
                pins[lot.lot_id] = part
            amount -= part
        self._set(self.holds, name, Held(account, command.expires_at, pins))
        self.held_by.setdefault(account, set()).add(name)

    def _open(self, account: BookAccount, name: tuple[str, str]) -> Held:
        hold = self.holds.get(name)
        if hold is None or hold.account != account:
            raise HoldUnknown(reference=name[1])
        if hold.closed_as:
            raise HoldClosed(reference=name[1], closed_as=hold.closed_as)
        return hold

    def _close(self, name: tuple[str, str], pins: Mapping[uuid.UUID, int], closed_as: str) -> None:
        self._set(self.holds, name, replace(self.holds[name], pins=pins, closed_as=closed_as))

    def _spread(self, parts: list[tuple[Lot, int]], amount: int, sign: int) -> Iterator[tuple[uuid.UUID, int]]:
        available = sum(most for _, most in parts)
        if available < amount:
            raise NotEnoughPoints(available=available, required=amount)
        for lot, most in parts:
            if part := min(most, amount):
                yield self._put(lot, sign * part)
            amount -= part

    def _lot(self, account: BookAccount, issuer: str, activity: str, expires_on: date) -> Lot:
        lot_id = uuid.uuid5(self.ids[account], f"{issuer} {activity} {expires_on}")
        return Lot(lot_id, account, issuer, activity, expires_on)

    def _put(self, lot: Lot, amount: int) -> tuple[uuid.UUID, int]:
        known = self.lots.get(lot.lot_id, lot)
        self._set(self.lots, lot.lot_id, replace(known, left=known.left + amount))
        self.of_account.setdefault(lot.account, {})[lot.lot_id] = None
        return lot.lot_id, amount

    def _lots(self, account: BookAccount) -> list[Lot]:
        lots = [self.lots[lot_id] for lot_id in self.of_account.get(account, ()) if lot_id in self.lots]
        return sorted(lots, key=lambda lot: (lot.expires_on, lot.lot_id))

    def _free(self, lot: Lot) -> int:
        names = self.held_by.get(lot.account, ())
        pinned = sum(self.holds[name].pins.get(lot.lot_id, 0) for name in names if name in self.holds)
        return self.lots[lot.lot_id].left - pinned

    def _set(self, where: Any, key: object, value: object) -> None:  # noqa: ANN401 - any of the book's mappings
        if key in where:
            before = where[key]
            self._undo.append(lambda: where.__setitem__(key, before))
        else:
            self._undo.append(lambda: where.__delitem__(key))
        where[key] = value


def _check_left(original: Moved, account: BookAccount, amount: int, reference: str) -> None:
    left = -sum(part for (whose, _), part in original.items() if whose == account)
    if not (0 < amount <= left or left <= amount < 0):
        raise MoreThanPosted(reference=reference, reversible=abs(left), required=abs(amount))


def _admissible(command: PostTransfer) -> bool:
    kinds = {name.kind for name, _ in command.amounts}
    fits = True
    if command.asset_class is AssetClass.BASIC:
        granted = all((amount < 0) == (name.kind is AccountKind.ISSUER) for name, amount in command.amounts)
        fits = command.kind is TransferKind.REVERSE or (command.kind is TransferKind.EARN and granted)
        fits &= kinds <= {AccountKind.ISSUER, AccountKind.RESIDENT}
    elif command.asset_class is AssetClass.HOURS:
        fits = command.kind not in {TransferKind.REDEEM, TransferKind.SETTLE}
        fits &= kinds <= {AccountKind.ISSUER, AccountKind.RESIDENT, AccountKind.POOL}
    return fits
