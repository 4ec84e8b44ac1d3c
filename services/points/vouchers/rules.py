"""Vouchers on paper (P40): what is signed, and what becomes of one that a till took without a network.

A voucher's points are held from its issue until no till may post it any more, so that each one that was rightly taken
is covered. What tills report is decided here by one list of rules, in its order, and every report is kept.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.clock import CHINA
from shared.errors import Conflict, Inadmissible, Unseen
from shared.fields import COMMUNITY_CODE

ALGORITHM = "EdDSA"
GOOD_FOR_DAYS_MAX = 90
POST_WITHIN = timedelta(days=7)
"""How long after a voucher's end a till may post what it took before."""
CLOCK_AHEAD = timedelta(minutes=10)
"""How far a till's clock may be ahead of ours."""
HELD_UNTIL_CLOSED = datetime(9999, 12, 31, tzinfo=UTC)
"""When a voucher's hold expires: it ends when the voucher is paid or closed, and not by itself."""


class Reason(StrEnum):
    """Why a till is not paid for a voucher; only what is frozen waits, all else is final."""

    NOT_OURS = "not-ours"
    ELSEWHERE = "elsewhere"
    CLOCK = "clock"
    EXPIRED = "expired"
    REVOKED = "revoked"
    USED = "used"
    LATE = "late"
    DEBARRED = "debarred"
    FROZEN = "frozen"


@dataclass(kw_only=True, eq=False)
class VoucherUnknown(Unseen):
    """There is no such voucher, or none that this caller may see."""

    type = "voucher-unknown"
    title = "没有该纸质券"
    title_en = "Voucher unknown"
    detail = "没有纸质券 {voucher_id}，或您无权查看。"
    detail_en = "There is no voucher {voucher_id} that you may see."

    voucher_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class VoucherClosed(Conflict):
    """The voucher was paid with, revoked or closed before."""

    type = "voucher-closed"
    title = "纸质券已失效"
    title_en = "Voucher closed"
    detail = "纸质券 {voucher_id} 已使用、已挂失或已到期，不能再挂失。"
    detail_en = "Voucher {voucher_id} is used, revoked or over; it cannot be revoked."

    voucher_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class LotsExpireFirst(Inadmissible):
    """The points that it would hold expire today: a voucher never lengthens an expiry."""

    type = "lots-expire-first"
    title = "积分即将到期"
    title_en = "The points expire first"
    detail = "所用积分于 {expires_on} 到期，不能制成纸质券；纸质券不延长积分有效期。请当日直接使用。"
    detail_en = "These points expire on {expires_on}: a voucher never lengthens an expiry. Spend them directly today."

    expires_on: str


@dataclass(frozen=True, slots=True)
class Stated:
    """What a voucher says on paper."""

    community_code: str
    voucher_id: uuid.UUID
    number: int
    points: int
    issued_at: datetime
    expires_at: datetime


class VoucherKey:
    """The key that signs vouchers (Ed25519), derived from the secret that signs the codes of tills."""

    def __init__(self, secret: bytes) -> None:
        seed = HKDF(SHA256(), 32, None, b"linli vouchers").derive(secret)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, stated: Stated) -> str:
        """Return the text of a voucher's QR: a signed statement (JWS) that a till checks without a network."""
        claims = {
            "com": stated.community_code,
            "jti": stated.voucher_id.hex,
            "num": stated.number,
            "pts": stated.points,
            "iat": stated.issued_at,
            "exp": stated.expires_at,
        }
        return jwt.encode(claims, self._key, ALGORITHM, headers={"typ": "linli-voucher"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a voucher stands when a till reports it.

    Attributes:
        token: The text that was signed.
        closed: Nothing is held for it any more, paid or not.
    """

    token: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    paid: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a till says it took: the text that it read, and when by its clock."""

    presentation_id: uuid.UUID
    token: str
    presented_at: datetime


def reference_of(voucher_id: uuid.UUID) -> str:
    """Name a voucher's hold and its payment in the book."""
    return f"voucher:{voucher_id}"


def good_until(asked_days: int, earliest: date, now: datetime) -> datetime:
    """Return until when a voucher is good: as long as is asked, but no longer than the first of its points.

    Raises:
        LotsExpireFirst: They expire today.
    """
    if earliest <= now.astimezone(CHINA).date():
        raise LotsExpireFirst(expires_on=earliest.isoformat())
    ends = datetime.combine(earliest, time(), CHINA)
    return min(now + timedelta(days=asked_days), ends).replace(microsecond=0)


def claims_of(token: str) -> tuple[str, uuid.UUID] | None:
    """Return which community's and which voucher a text claims to be, unchecked; None if it is none."""
    try:
        claims: Mapping[str, str] = jwt.decode(token, options={"verify_signature": False})
        code = re.fullmatch(COMMUNITY_CODE, claims["com"])  # anybody may have written it: no store holds every text
        return (code[0], uuid.UUID(claims["jti"])) if code else None
    except (jwt.InvalidTokenError, KeyError, ValueError, AttributeError, TypeError):
        return None


def judge(
    report: Report,
    voucher: Standing | None,
    *,
    same_community: bool,
    debarred_from: datetime | None,
    frozen: bool,
    now: datetime,
) -> Reason | None:
    """Decide on what a till took; None: it is paid.

    It is judged by when it was taken, as the till says; only what nobody could know there, that another till was paid
    first or that it comes too late, is judged by when it is posted. The till that posts first is paid: its own clock
    proves nothing about another's. In this order, so that the reason told is the one that no waiting would cure.

    Args:
        report: What the till says.
        voucher: How the voucher stands; None if there is none of this name.
        same_community: Whether the merchant is of the voucher's community.
        debarred_from: From when the merchant takes no points, if ever.
        frozen: Whether the resident or the merchant is suspected, or nobody has looked lately.
        now: The ledger's time.
    """
    if voucher is None or voucher.token != report.token:
        return Reason.NOT_OURS
    taken = report.presented_at
    findings = (
        (Reason.ELSEWHERE, not same_community),
        (Reason.CLOCK, not voucher.issued_at <= taken <= now + CLOCK_AHEAD),
        (Reason.EXPIRED, taken >= voucher.expires_at),
        (Reason.REVOKED, voucher.revoked_at is not None and taken >= voucher.revoked_at),
        (Reason.USED, voucher.paid),
        (Reason.LATE, voucher.closed),
        (Reason.DEBARRED, debarred_from is not None and debarred_from <= taken),
        (Reason.FROZEN, frozen),
    )
    return next((reason for reason, found in findings if found), None)
