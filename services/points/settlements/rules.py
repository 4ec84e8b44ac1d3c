"""What a statement says, in the file that is reconciled and in the text that is signed."""

import csv
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SM3, Hash
from pydantic import BaseModel

from shared.errors import Conflict, Inadmissible, Unseen

STREET_DIGITS = 9


@dataclass(kw_only=True, eq=False)
class StatementUnknown(Unseen):
    """There is no such statement, or none that this caller may see."""

    type = "statement-unknown"
    title = "没有该结算单"
    title_en = "Statement unknown"
    detail = "商户 {merchant_id} 没有第 {number} 号结算单。"
    detail_en = "Merchant {merchant_id} has no statement {number}."

    merchant_id: uuid.UUID
    number: int


@dataclass(kw_only=True, eq=False)
class NothingToState(Conflict):
    """Nothing moved since the last statement."""

    type = "nothing-to-state"
    title = "没有待结算的积分"
    title_en = "Nothing to state"
    detail = "自上一结算单以来没有新的入账。"
    detail_en = "Nothing has moved since the last statement."


@dataclass(kw_only=True, eq=False)
class StatementClosed(Conflict):
    """The statement's state does not allow it."""

    type = "statement-closed"
    title = "结算单状态不允许此操作"
    title_en = "The statement allows no such step"
    detail = "结算单为 {state}：起草后由街道另一人批准，批准后方可登记付款一次。"
    detail_en = "It is {state}: another official approves a draft, and what is approved is paid once."

    state: str


@dataclass(kw_only=True, eq=False)
class ApprovalInvalid(Inadmissible):
    """The signature does not fit, or no key is registered to check it by."""

    type = "approval-invalid"
    title = "批准签名无效"
    title_en = "Invalid approval"
    detail = "SM2 签名与待签原文不符，或区域 {area} 尚未登记公钥。请对 signing_text 原文签名。"
    detail_en = "The SM2 signature does not fit, or no key is registered for {area}. Sign the bytes of signing_text."

    area: str


@dataclass(frozen=True, slots=True)
class Line:
    """A transfer on a merchant's account: positive is owed to it, negative was given back."""

    transfer_id: uuid.UUID
    kind: str
    reference: str
    posted_at: str
    points: int


class SignedFacts(BaseModel):
    """What an approval covers."""

    community_code: str
    merchant_id: uuid.UUID
    number: int
    lines: int
    points: int
    digest: str

    def canonical(self) -> str:
        """Return it as JSON with the fields in this order and no spaces."""
        return self.model_dump_json()


def reconciliation_file(lines: Sequence[Line]) -> str:
    """Return the lines as CSV with a last row that says how many there are and what they come to."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["transfer_id", "kind", "reference", "posted_at", "points"])
    rows.writerows([line.transfer_id, line.kind, line.reference, line.posted_at, line.points] for line in lines)
    rows.writerow(["total", len(lines), "", "", sum(line.points for line in lines)])
    return file.getvalue()


def digest_of(file: str) -> str:
    """Return SM3 (GB/T 32905) over a file, in hexadecimal."""
    digest = Hash(SM3())
    digest.update(file.encode())
    return digest.finalize().hex()


def state_of(*, approved: bool, paid: bool) -> str:
    """Return how far a statement has come."""
    if paid:
        return "paid"
    return "approved" if approved else "drafted"


def check_step(state: str, wanted: str) -> None:
    """Refuse a step that the state does not allow.

    Raises:
        StatementClosed: It does not.
    """
    if state != wanted:
        raise StatementClosed(state=state)
