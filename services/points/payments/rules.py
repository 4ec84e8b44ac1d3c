"""Codes that are shown at a till, and what of a payment may be taken and given back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from services.points.allotments.rules import rounded_down
from services.points.exchange.rules import Payment, divide, price_before_discount
from shared.errors import Conflict, Inadmissible, Unseen

ALGORITHM = "HS256"
CODE_HOLDS = timedelta(seconds=60)
AUTHORISED_FOR = timedelta(minutes=30)
WHOLE_BP = 10_000


@dataclass(kw_only=True, eq=False)
class CodeInvalid(Inadmissible):
    """The code is not one of ours, or its time is over."""

    type = "code-invalid"
    title = "付款码无效或已过期"
    title_en = "Code invalid or expired"
    detail = "付款码无效或已过期（有效 60 秒）。请居民刷新后重新出示。"
    detail_en = "The code is not valid, or older than a minute. Have a new one shown."


@dataclass(kw_only=True, eq=False)
class CodeUsed(Conflict):
    """The code was used for another payment."""

    type = "code-used"
    title = "付款码已使用"
    title_en = "Code used already"
    detail = "付款码只能使用一次。请居民刷新后重新出示。"
    detail_en = "A code is good for one payment. Have a new one shown."


@dataclass(kw_only=True, eq=False)
class PaymentUnknown(Unseen):
    """There is no such payment, or none that this caller may see."""

    type = "payment-unknown"
    title = "没有该笔支付"
    title_en = "Payment unknown"
    detail = "没有支付 {payment_id}，或您无权查看。"
    detail_en = "There is no payment {payment_id} that you may see."

    payment_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class PaymentClosed(Conflict):
    """What is asked does not fit the payment's state."""

    type = "payment-closed"
    title = "支付状态不允许此操作"
    title_en = "Payment closed"
    detail = "支付 {payment_id} 为 {state}：仅已授权且未到期的可扣款或撤销，仅已扣款的可退款。"
    detail_en = (
        "Payment {payment_id} is {state}: what is authorised is captured or voided, what is captured is refunded."
    )

    payment_id: uuid.UUID
    state: str


@dataclass(kw_only=True, eq=False)
class MoreThanPaid(Conflict):
    """More is to be taken or given back than there is."""

    type = "more-than-paid"
    title = "超出支付金额"
    title_en = "More than was paid"
    detail = "支付 {payment_id} 最多还可处理 {left} 积分，本次要求 {required}。"
    detail_en = "Of payment {payment_id} {left} points are left, this asks for {required}."

    payment_id: uuid.UUID
    left: int
    required: int


@dataclass(kw_only=True, eq=False)
class ShareExceeded(Inadmissible):
    """More points are asked for than the goods may be paid with."""

    type = "share-exceeded"
    title = "超出积分可付比例"
    title_en = "Share exceeded"
    detail = "所选商品最多可用 {points_max} 积分，本次要求 {required}。其余请用其他方式支付。"
    detail_en = "These goods take {points_max} points at most, this asks for {required}. Pay the rest otherwise."

    points_max: int
    required: int


@dataclass(frozen=True, slots=True)
class ResidentCode:
    """What a resident's code says: who pays, out of which community's points; `code_id` makes it good for once."""

    resident_id: uuid.UUID
    community_code: str
    code_id: uuid.UUID


def sign_resident_code(code: ResidentCode, key: bytes, now: datetime) -> str:
    """Return the text of a QR with which a resident pays once, within CODE_HOLDS."""
    claims = {"res": str(code.resident_id), "com": code.community_code, "jti": code.code_id.hex}
    return jwt.encode({**claims, "exp": now + CODE_HOLDS}, key, ALGORITHM)


def read_resident_code(text: str, key: bytes, now: datetime) -> ResidentCode:
    """Return what a resident's code says.

    Raises:
        CodeInvalid: It is none of ours, or its time is over.
    """
    claims = _claims(text, key, ["res", "com", "jti", "exp"])
    if datetime.fromtimestamp(claims["exp"], UTC) <= now:
        raise CodeInvalid
    return ResidentCode(uuid.UUID(claims["res"]), claims["com"], uuid.UUID(claims["jti"]))


def sign_merchant_code(merchant_id: uuid.UUID, key: bytes) -> str:
    """Return the text of the QR that a merchant puts up: it says whom to pay, and stays good."""
    return jwt.encode({"mer": str(merchant_id)}, key, ALGORITHM)


def read_merchant_code(text: str, key: bytes) -> uuid.UUID:
    """Return the merchant that a code is of.

    Raises:
        CodeInvalid: It is none of ours.
    """
    return uuid.UUID(_claims(text, key, ["mer"])["mer"])


def _claims(text: str, key: bytes, required: list[str]) -> dict[str, Any]:
    try:
        # The time is looked at by who knows it: a rule has no clock.
        options: Any = {"require": required, "verify_exp": False}
        claims: dict[str, Any] = jwt.decode(text, key, [ALGORITHM], options=options)
    except jwt.InvalidTokenError as error:
        raise CodeInvalid from error
    return claims


def check_share(points: int, goods: Sequence[tuple[int, int, int]]) -> None:
    """Refuse more points than goods may be paid with; without goods there is no such limit.

    Args:
        points: What is asked for.
        goods: Worth in points, share payable in points in basis points, and count of each.

    Raises:
        ShareExceeded: It is more; each good's share is rounded down.
    """
    points_max = sum(rounded_down(worth * count, share_bp, WHOLE_BP) for worth, share_bp, count in goods)
    if goods and points > points_max:
        raise ShareExceeded(points_max=points_max, required=points)


def stays(captured: int, refunded: int, rate_bp: int, discount_bp: int) -> Payment:
    """Return what stays of a payment of which some was given back.

    The payer has paid as if it had bought that much less, so refunds in parts come to the same as one. The residue of
    the capture is the last that goes back: no part asks an account for more than it was given.

    Args:
        captured: What the merchant took, in its points.
        refunded: What of that it has given back.
        rate_bp: The corridor's rate when it was authorised.
        discount_bp: Its discount.
    """
    arrives = captured - refunded
    kept = price_before_discount(arrives, rate_bp, discount_bp) - arrives
    whole = divide(price_before_discount(captured, rate_bp, discount_bp), rate_bp, discount_bp)
    residue = min(whole.residue, kept)
    return Payment(arrives, kept - residue, residue)


def given_back(captured: int, refunded: int, points: int, rate_bp: int, discount_bp: int) -> Payment:
    """Return what the payer gets back, in its own points, when the merchant gives back some more of its own.

    Its three parts leave the merchant's community, the discount and the residue; together they are the payer's.
    """
    before = stays(captured, refunded, rate_bp, discount_bp)
    after = stays(captured, refunded + points, rate_bp, discount_bp)
    return Payment(before.arrives - after.arrives, before.discount - after.discount, before.residue - after.residue)


def check_state(payment_id: uuid.UUID, state: str, wanted: str) -> None:
    """Refuse what does not fit a payment's state.

    Raises:
        PaymentClosed: It does not.
    """
    if state != wanted:
        raise PaymentClosed(payment_id=payment_id, state=state)


def check_open(payment_id: uuid.UUID, state: str, expires_at: datetime, now: datetime) -> None:
    """Refuse to take or let go of what is not held any more.

    Raises:
        PaymentClosed: It is captured or voided, or its time is over.
    """
    check_state(payment_id, "expired" if state == "authorised" and expires_at <= now else state, "authorised")


def check_left(payment_id: uuid.UUID, left: int, required: int) -> None:
    """Refuse to take or give back more than is left.

    Raises:
        MoreThanPaid: It is more.
    """
    if required > left:
        raise MoreThanPaid(payment_id=payment_id, left=left, required=required)
