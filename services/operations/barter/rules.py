"""What space and service come to, and what is trued up when they drift apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.operations.billing.rules import WHOLE_BP, due_fen, periods
from services.operations.terms.rules import FEN_MAX, SpaceForService
from shared.errors import Conflict, Inadmissible, Unseen


@dataclass(kw_only=True, eq=False)
class BarterUnseen(Unseen):
    """The contract has no such line, or the line no such period."""

    type = "barter-period-unseen"
    title = "未找到该期以场地换服务"
    title_en = "No such period of barter"
    detail = "合同没有第 {line_no} 条以场地换服务的第 {seq} 期，或尚未结束。请核对条目与期次。"
    detail_en = "The contract has no space for service {line_no} with a period {seq}, or it has not ended."

    line_no: int
    seq: int


@dataclass(kw_only=True, eq=False)
class ServiceNotInCatalogue(Inadmissible):
    """A service that the contract does not price."""

    type = "barter-service-not-in-catalogue"
    title = "服务不在目录中"
    title_en = "Service not in the catalogue"
    detail = "服务 {code} 不在合同目录中，只有目录内的服务可以抵扣场地租金。"
    detail_en = "The contract has no price for {code}; only services of its catalogue count against the rent."

    code: str


@dataclass(kw_only=True, eq=False)
class DeliveryTooDear(Inadmissible):
    """A delivery comes to more than any amount may."""

    type = "barter-delivery-too-dear"
    title = "抵租服务金额过大"
    title_en = "Delivery too dear"
    detail = "{quantity} 份 {code} 按目录价合计超过 {limit_fen} 分。请核对数量。"
    detail_en = "{quantity} of {code} come to more than {limit_fen} fen at the catalogue price. Check the quantity."

    code: str
    quantity: int
    limit_fen: int = FEN_MAX


@dataclass(kw_only=True, eq=False)
class TrueUpOutOfOrder(Conflict):
    """A period that is trued up already, or before the one before it."""

    type = "barter-true-up-out-of-order"
    title = "清算期次有误"
    title_en = "True-up out of order"
    detail = "下一个应清算的期次为第 {expected} 期。已清算的期次不得再登记服务。"
    detail_en = "The next period to be trued up is {expected}. What is trued up takes no more deliveries."

    expected: int


@dataclass(frozen=True, slots=True)
class TrueUp:
    """What a period comes to, in fen.

    Attributes:
        rent: The space at its appraised rent.
        service: What was delivered and verified, at catalogue prices.
        brought: The difference brought forward; positive is owed by the provider.
        paid: What is paid now; positive by the provider, negative to it.
        carried: The difference carried forward: `carried = brought + rent - service - paid`.
    """

    rent: int
    service: int
    brought: int
    paid: int
    carried: int


def rent_fen(line: SpaceForService, starts_on: date, ends_on: date, seq: int, today: date) -> int:
    """Return the rent of a month of the term, by the day for a part.

    Raises:
        BarterUnseen: There is no such month, or it has not ended.
    """
    for period in periods(starts_on, ends_on, 1):
        if period.seq == seq and period.last < today:
            return due_fen(line.rent_fen_per_month, period)
    raise BarterUnseen(line_no=line.no, seq=seq)


def price_of(line: SpaceForService, code: str) -> int:
    """Return the catalogue price of a service, in fen.

    Raises:
        ServiceNotInCatalogue: It has none.
    """
    for item in line.services:
        if item.code == code:
            return item.unit_price_fen
    raise ServiceNotInCatalogue(code=code)


def check_delivery(line: SpaceForService, code: str, quantity: int) -> None:
    """Refuse what the contract does not price, and what comes to more than any amount may.

    Raises:
        ServiceNotInCatalogue: The line has no price for it.
        DeliveryTooDear: It comes to more.
    """
    if price_of(line, code) * quantity > FEN_MAX:
        raise DeliveryTooDear(code=code, quantity=quantity)


def service_fen(line: SpaceForService, verified: Sequence[tuple[str, int]]) -> int:
    """Return what services come to: catalogue price times verified quantity, in fen."""
    return sum(price_of(line, code) * quantity for code, quantity in verified)


def true_up_of(rent: int, service: int, brought: int, corridor_bp: int) -> TrueUp:
    """Return what is paid and what is carried forward.

    Within the corridor, a share of the period's rent on either side, the difference is carried forward and nobody pays.
    Outside it, all of it is paid: a difference that grows is not left to grow.
    """
    difference = brought + rent - service
    inside = abs(difference) * WHOLE_BP <= rent * corridor_bp
    paid = 0 if inside else difference
    return TrueUp(rent, service, brought, paid, difference - paid)
