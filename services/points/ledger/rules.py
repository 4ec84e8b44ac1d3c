"""The words of the book: accounts, the commands that move or hold points, and why one is refused."""

import calendar
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.errors import Conflict, Inadmissible, Refusal, Unseen


class AssetClass(StrEnum):
    """What is counted: basic 基本积分 is a record, service 服务积分 can be redeemed, hours 时间币 are time for time."""

    BASIC = "basic"
    SERVICE = "service"
    HOURS = "hours"


class AccountKind(StrEnum):
    """What an account is for; only a resident's can refuse."""

    ISSUER = "issuer"
    RESIDENT = "resident"
    MERCHANT = "merchant"
    CLEARING = "clearing"
    CORRESPONDENT = "correspondent"
    DISCOUNT = "discount"
    RESIDUE = "residue"
    SETTLEMENT = "settlement"
    POOL = "pool"


class TransferKind(StrEnum):
    """Why points move, or are held."""

    EARN = "earn"
    REDEEM = "redeem"
    SETTLE = "settle"
    GIVE = "give"
    EXPIRE = "expire"
    REVERSE = "reverse"
    HOLD = "hold"
    RELEASE = "release"


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


@dataclass(kw_only=True, eq=False)
class NothingToReverse(Unseen):
    """There is no such transfer to reverse."""

    type = "nothing-to-reverse"
    title = "没有可冲正的入账"
    title_en = "Nothing to reverse"
    detail = "账本中没有业务 {reference}，无法冲正或退回。"
    detail_en = "There is no transfer {reference} in the book to reverse."

    reference: str


@dataclass(kw_only=True, eq=False)
class MoreThanPosted(Conflict):
    """A reversal gives back more than is left of what the transfer moved."""

    type = "more-than-posted"
    title = "超出可退数量"
    title_en = "More than was posted"
    detail = "业务 {reference} 尚可退回 {reversible}，本次要退 {required}。请减少数量；已全部退回的不能再退。"
    detail_en = "Of {reference} {reversible} can still be reversed, this asks for {required}. Ask for less, if any."

    reference: str
    reversible: int
    required: int


@dataclass(kw_only=True, eq=False)
class PeriodSealed(Conflict):
    """It is said to have happened in a period that is sealed."""

    type = "period-sealed"
    title = "账期已封存"
    title_en = "Period sealed"
    detail = "社区 {community_code} 截至 {up_to} 的账目已封存，不能再补记。请按当前时间入账，并在凭证中注明发生时间。"
    detail_en = (
        "The book of {community_code} is sealed up to {up_to}. Post it as of now; its evidence tells when it was."
    )

    community_code: str
    up_to: str


@dataclass(kw_only=True, eq=False)
class NotSpendable(Inadmissible):
    """Points of this class are never held, moved or given."""

    type = "not-spendable"
    title = "该类积分不可使用"
    title_en = "Not spendable"
    detail = "{asset_class} 类积分不可作此用途：基本积分只作记录，时间币只能换取服务时间。请使用服务积分。"
    detail_en = "{asset_class} is not for this: basic points are a record, hours are for hours. Use service points."

    asset_class: str


@dataclass(frozen=True, slots=True, order=True)
class AccountName:
    """An account by what it is, in the book that the transfer belongs to."""

    kind: AccountKind
    owner: str


ISSUER = AccountName(AccountKind.ISSUER, "issuer")
DISCOUNT = AccountName(AccountKind.DISCOUNT, "discount")
RESIDUE = AccountName(AccountKind.RESIDUE, "residue")
SETTLEMENT = AccountName(AccountKind.SETTLEMENT, "settlement")
POOL = AccountName(AccountKind.POOL, "pool")


def resident(resident_id: uuid.UUID) -> AccountName:
    """Name a resident's account."""
    return AccountName(AccountKind.RESIDENT, f"resident:{resident_id}")


def merchant(merchant_id: uuid.UUID) -> AccountName:
    """Name a merchant's account."""
    return AccountName(AccountKind.MERCHANT, f"merchant:{merchant_id}")


def clearing(counterparty: str) -> AccountName:
    """Name the account of what a community owes another (positive), or is owed by it."""
    return AccountName(AccountKind.CLEARING, f"clearing:{counterparty}")


def correspondent(counterparty: str) -> AccountName:
    """Name the account of the same with a community of another cell: its mirror is in that cell's books."""
    return AccountName(AccountKind.CORRESPONDENT, f"correspondent:{counterparty}")


BookAccount = tuple[str, AssetClass, AccountName]
"""An account of one community's book of one class."""

Reference = tuple[str, TransferKind, str]
"""What names a transfer or a hold once and for all: community, kind and reference."""

Amounts = tuple[tuple[AccountName, int], ...]


@dataclass(frozen=True, slots=True)
class NewLot:
    """How the points that a resident is credited with were earned, and when they expire."""

    activity: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class PostTransfer:
    """A movement in one community's book of one class: amounts by account, which sum to 0.

    A resident's debit is taken from its lots, earliest expiry first: those that `hold` has pinned, or else those that
    are free. A credit from the issuer needs `lot`; any other keeps the expiry of what the posting has debited, so that
    no move lengthens one (P9). With `reverses` it gives back, in whole or in part, what that transfer has moved, and
    each point returns to its lot (P8, P13). A hold is one that moves nothing yet: see `hold_of` and `release_of`; with
    `reverses` it pins what that transfer has put into the account, the latest expiry first, as a reversal takes it.

    Attributes:
        hold: The reference of the hold that a debit captures; what is left of it stays held.
        reverses: Kind and reference of the transfer that this reverses, or would, of the same book.
        expires_at: From when a hold holds no more.
        occurred_at: When it happened, if that was before it is recorded.
    """

    community_code: str
    asset_class: AssetClass
    kind: TransferKind
    reference: str
    amounts: Amounts
    lot: NewLot | None = None
    hold: str | None = None
    reverses: tuple[TransferKind, str] | None = None
    expires_at: datetime | None = None
    occurred_at: datetime | None = None

    def account(self, name: AccountName) -> BookAccount:
        """Return the account that it means by a name."""
        return self.community_code, self.asset_class, name

    @property
    def known_as(self) -> Reference:
        """Return what names it once and for all."""
        return self.community_code, self.kind, self.reference

    @property
    def original(self) -> Reference | None:
        """Return what names the transfer that it reverses, if it does."""
        return (self.community_code, *self.reverses) if self.reverses else None

    @property
    def moves(self) -> bool:
        """Tell whether points move; a hold is placed and released without."""
        return self.kind not in {TransferKind.HOLD, TransferKind.RELEASE}


def hold_of(
    held: BookAccount,
    reference: str,
    points: int,
    expires_at: datetime,
    reverses: tuple[TransferKind, str] | None = None,
) -> PostTransfer:
    """Describe a hold: a resident's points are kept for a purchase to come, and count no more as available.

    It pins lots, earliest expiry first. What was good when it was held may be captured until `expires_at`, even if its
    lot expires before. From that moment on the hold counts for nothing, whether or not anybody has tidied it away. With
    `reverses` it pins only what is left of what that transfer gave, expired or not: so it can be taken back later.
    """
    code, asset_class, name = held
    amounts = ((name, -points),)
    return PostTransfer(
        code, asset_class, TransferKind.HOLD, reference, amounts, reverses=reverses, expires_at=expires_at
    )


def release_of(held: BookAccount, reference: str) -> PostTransfer:
    """Describe the release of what a hold still holds, all of it or what captures have left."""
    code, asset_class, name = held
    return PostTransfer(code, asset_class, TransferKind.RELEASE, reference, ((name, 0),), hold=reference)


Posting = Sequence[PostTransfer]
"""Commands that belong together, of any books: all are posted or none is."""


LotMove = tuple[uuid.UUID, int]
"""A lot, and what is put into it (positive) or taken out of it."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A command that was posted.

    `balances` are those after each of the command's amounts, None for an account that keeps none; `lot_moves` say, for
    each of them too, what was put into which lot, or taken out of it. Of a hold they say what it pins.
    """

    transfer_id: uuid.UUID
    command: PostTransfer
    balances: tuple[int | None, ...]
    lot_moves: tuple[tuple[LotMove, ...], ...]


Outcome = list[Posted] | Refusal
"""What became of a posting: its transfers, or why it was refused."""


def month_end_after(day: date, months: int) -> date:
    """Return the last day of the month that lies `months` after the month of `day`."""
    month0 = day.year * 12 + day.month - 1 + months
    year, month = month0 // 12, month0 % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])
