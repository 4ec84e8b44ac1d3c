"""What a contract says, how it is sealed, and when there is none."""

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from cryptography.hazmat.primitives.hashes import SM3, Hash

from services.operations.kpis.rules import Measure
from services.operations.providers.rules import Kind
from shared.errors import Conflict, Unseen


@dataclass(kw_only=True, eq=False)
class ContractUnseen(Unseen):
    """There is no such contract."""

    type = "contract-unseen"
    title = "未找到该合同"
    title_en = "No such contract"
    detail = "未找到合同 {contract_id}。请核对合同编号。"
    detail_en = "There is no contract {contract_id}. Check its id."

    contract_id: str


@dataclass(kw_only=True, eq=False)
class ContractAlreadySealed(Conflict):
    """The parties have a contract on this measure for this month."""

    type = "contract-already-sealed"
    title = "合同已签订"
    title_en = "Contract already sealed"
    detail = "双方就该月该指标已签订合同 {contract_id}。"
    detail_en = "The parties have the contract {contract_id} on this measure for this month."

    contract_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The facts of a contract, which its seal covers.

    Attributes:
        period: The first day of the month.
        target: What the KPI is to reach, in the measure's unit.
    """

    community_code: str
    provider_id: uuid.UUID
    period: date
    measure: Measure
    target: int
    sealed_at: datetime
    sealed_by: str


def seal_of(terms: Terms) -> str:
    """Return the seal: SM3 (GB/T 32905) over the facts as JSON with sorted keys and no spaces, in hex.

    Times are in UTC, so that whoever holds the facts gets the same bytes.
    """
    canonical = json.dumps(
        {name: _plain(value) for name, value in asdict(terms).items()},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    digest = Hash(SM3())
    digest.update(canonical.encode())
    return digest.finalize().hex()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if isinstance(value, int) else str(value)


def counted_merchant(kind: Kind, measure: Measure, provider_id: uuid.UUID) -> uuid.UUID | None:
    """Return whose redemptions count: a merchant's own; for an operator all in the community it runs (None)."""
    return provider_id if kind == "merchant" and measure == "points_redeemed" else None
