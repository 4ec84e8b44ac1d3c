"""Which lots points come from and go to: earliest expiry first, back to where they were, never to a later expiry."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.points.ledger.rules import LotMove, NewLot, NotEnoughPoints
from shared.errors import Conflict, Unseen


@dataclass(kw_only=True, eq=False)
class HoldUnknown(Unseen):
    """The account has no such hold."""

    type = "hold-unknown"
    title = "没有该笔冻结"
    title_en = "Hold unknown"
    detail = "账户没有冻结 {reference}，请核对编号。"
    detail_en = "The account has no hold {reference}; check its reference."

    reference: str


@dataclass(kw_only=True, eq=False)
class HoldClosed(Conflict):
    """The hold holds nothing any more."""

    type = "hold-closed"
    title = "该笔冻结已结束"
    title_en = "Hold closed"
    detail = (
        "冻结 {reference} 已结束：{closed_as}（captured 已扣款、released 已释放、expired 已到期）。如需付款请重新冻结。"
    )
    detail_en = "The hold {reference} is {closed_as}. Place a new one if the payment still stands."

    reference: str
    closed_as: str


@dataclass(kw_only=True, eq=False)
class MoreThanHeld(Conflict):
    """A capture takes more than the hold still holds."""

    type = "more-than-held"
    title = "超出冻结数量"
    title_en = "More than held"
    detail = "冻结 {reference} 尚余 {held}，本次需要 {required}。请减少数量，或另行支付差额。"
    detail_en = "The hold {reference} holds {held}, this takes {required}. Ask for less, or take the rest separately."

    reference: str
    held: int
    required: int


@dataclass(frozen=True, slots=True)
class Holding:
    """A lot, with what was ever put into it and what is left.

    Attributes:
        issuer: The community that granted the points.
        parent: The lot that the first of them came out of, if they were moved here.
    """

    lot_id: uuid.UUID
    issuer: str
    activity: str
    expires_on: date
    parent: uuid.UUID | None
    earned: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Hold:
    """An open hold: what it pins in which lot, and from when it counts for nothing."""

    expires_at: datetime
    pins: tuple[LotMove, ...]


Part = tuple[Holding, int]
"""Points of a lot."""


def by_expiry(lot: Holding) -> tuple[date, uuid.UUID]:
    """Order lots: what expires first comes first."""
    return lot.expires_on, lot.lot_id


def lot_for(account_id: uuid.UUID, issuer: str, lot: NewLot, parent: uuid.UUID | None = None) -> Holding:
    """Return the lot of an account for points of one issuer, activity and expiry: there is one, so that lots stay few.

    Its id follows from what it is, so that nobody has to look whether it is there. As returned it is empty.
    """
    lot_id = uuid.uuid5(account_id, f"{issuer} {lot.activity} {lot.expires_on}")
    return Holding(lot_id, issuer, lot.activity, lot.expires_on, parent, 0, 0)


def child_of(parent: Holding, account_id: uuid.UUID) -> Holding:
    """Return the lot of an account for points that come out of another's lot: they stay what they are."""
    return lot_for(account_id, parent.issuer, NewLot(parent.activity, parent.expires_on), parent.lot_id)


def take_first(parts: Iterable[Part], amount: int) -> list[Part]:
    """Take an amount from the front of these parts; less, if they hold less."""
    taken = []
    for lot, most in parts:
        if part := min(most, amount):
            taken.append((lot, part))
        amount -= part
    return taken


def inherited(debited: list[Part], amount: int) -> list[Part]:
    """Say which of the debited points the credited ones come from, so that none expires later than what it stands for.

    Args:
        debited: What was taken from residents, earliest expiry first; what is handed on now is taken off.
        amount: How many are credited. Where more are credited than were debited, the rest stand for the earliest.
    """
    parts = take_first(debited, amount)
    if missing := amount - sum(part for _, part in parts):
        parts.append((debited[0][0], missing))
    rest = amount
    for place, (lot, left) in enumerate(debited):
        debited[place] = (lot, left - min(left, rest))
        rest -= min(left, rest)
    return parts


@dataclass(slots=True)
class Wallet:
    """A resident's account under its lock.

    Attributes:
        lots: What is left in it, and the lots that a reversal gives back to.
        holds: The open ones, by reference.
        closed: How those ended that are no longer open: captured, released or expired.
    """

    account_id: uuid.UUID
    balance: int
    lots: dict[uuid.UUID, Holding] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "Wallet":
        """Return one that can be tried out."""
        return replace(self, lots=dict(self.lots), holds=dict(self.holds), closed=dict(self.closed))

    def spendable(self, today: date) -> list[Part]:
        """Return what is free and has not expired, earliest expiry first."""
        return [(lot, free) for lot, free in self._free() if lot.expires_on >= today]

    def expired(self, today: date) -> list[Part]:
        """Return what has expired and no hold pins, earliest expiry first."""
        return [(lot, free) for lot, free in self._free() if lot.expires_on < today]

    def among(self, put: Iterable[LotMove]) -> list[Part]:
        """Return what is free of what was once put into lots, the latest expiry first."""
        free = {lot.lot_id: most for lot, most in self._free()}
        parts = [(self.lots[lot_id], min(part, free.get(lot_id, 0))) for lot_id, part in put if part > 0]
        return sorted(parts, key=lambda part: by_expiry(part[0]), reverse=True)

    def debit(self, parts: Sequence[Part], amount: int) -> list[LotMove]:
        """Take an amount from the front of these parts.

        Raises:
            NotEnoughPoints: They hold less.
        """
        available = sum(part for _, part in parts)
        if available < amount:
            raise NotEnoughPoints(available=available, required=amount)
        return self._move([(lot, -part) for lot, part in take_first(parts, amount)])

    def credit(self, parts: Sequence[Part]) -> list[LotMove]:
        """Put points into lots that are new or grow by them."""
        for lot, part in parts:
            known = self.lots.get(lot.lot_id, lot)
            self.lots[lot.lot_id] = replace(known, earned=known.earned + part)
        return self._move(parts)

    def give_back(self, taken: Iterable[LotMove], amount: int) -> list[LotMove]:
        """Put points back into the lots that they were taken from, the latest expiry first.

        So it is as if less had been taken to begin with. A lot that has expired meanwhile stays expired: if what comes
        back were good for longer, buying and giving back would lengthen an expiry (P9).
        """
        parts = [(self.lots[lot_id], part) for lot_id, part in taken if part > 0]
        return self._move(take_first(sorted(parts, key=lambda part: by_expiry(part[0]), reverse=True), amount))

    def hold(self, reference: str, amount: int, expires_at: datetime, parts: Sequence[Part]) -> list[LotMove]:
        """Pin an amount from the front of these parts.

        Raises:
            NotEnoughPoints: They hold less.
        """
        available = sum(part for _, part in parts)
        if available < amount:
            raise NotEnoughPoints(available=available, required=amount)
        pins = tuple((lot.lot_id, part) for lot, part in take_first(parts, amount))
        self.holds[reference] = Hold(expires_at, pins)
        return list(pins)

    def capture(self, reference: str, amount: int) -> list[LotMove]:
        """Take an amount out of what a hold pins, earliest expiry first; the rest stays pinned.

        Raises:
            HoldUnknown: The account never had it.
            HoldClosed: It pins nothing any more.
            MoreThanHeld: It pins less.
        """
        hold = self._open(reference)
        pins = sorted(((self.lots[lot_id], part) for lot_id, part in hold.pins), key=lambda pin: by_expiry(pin[0]))
        if (held := sum(part for _, part in pins)) < amount:
            raise MoreThanHeld(reference=reference, held=held, required=amount)
        taken = take_first(pins, amount)
        gone = {lot.lot_id: part for lot, part in taken}
        left = tuple((lot_id, rest) for lot_id, part in hold.pins if (rest := part - gone.get(lot_id, 0)))
        self.holds[reference] = replace(hold, pins=left)
        if not left:
            self._close(reference, "captured")
        return self._move([(lot, -part) for lot, part in taken])

    def release(self, reference: str) -> None:
        """Let go of what a hold still pins.

        Raises:
            HoldUnknown: The account never had it.
            HoldClosed: It pins nothing any more.
        """
        self._open(reference)
        self._close(reference, "released")

    def lapse(self, now: datetime) -> None:
        """Let go of the holds whose time is over."""
        for reference in [name for name, hold in self.holds.items() if hold.expires_at <= now]:
            self._close(reference, "expired")

    def _open(self, reference: str) -> Hold:
        if reference in self.closed:
            raise HoldClosed(reference=reference, closed_as=self.closed[reference])
        if reference not in self.holds:
            raise HoldUnknown(reference=reference)
        return self.holds[reference]

    def _close(self, reference: str, closed_as: str) -> None:
        del self.holds[reference]
        self.closed[reference] = closed_as

    def _free(self) -> list[Part]:
        pinned: dict[uuid.UUID, int] = {}
        for hold in self.holds.values():
            for lot_id, part in hold.pins:
                pinned[lot_id] = pinned.get(lot_id, 0) + part
        lots = sorted(self.lots.values(), key=by_expiry)
        return [(lot, free) for lot in lots if (free := lot.remaining - pinned.get(lot.lot_id, 0))]

    def _move(self, parts: Sequence[Part]) -> list[LotMove]:
        for lot, part in parts:
            now = self.lots[lot.lot_id]
            self.lots[lot.lot_id] = replace(now, remaining=now.remaining + part)
            self.balance += part
        return [(lot.lot_id, part) for lot, part in parts]
