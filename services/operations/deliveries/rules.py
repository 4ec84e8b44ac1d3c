"""What a delivery record may hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.errors import Conflict, Inadmissible, Unseen

Source = Literal["municipal", "market", "volunteer"]
"""市政, 市场, 志愿."""


@dataclass(kw_only=True, eq=False)
class DeliveryUnseen(Unseen):
    """There is no such delivery."""

    type = "service-delivery-unseen"
    title = "未找到该服务记录"
    title_en = "No such delivery"
    detail = "未找到服务记录 {delivery_id}。请核对编号。"
    detail_en = "There is no delivery {delivery_id}. Check its id."

    delivery_id: str


@dataclass(kw_only=True, eq=False)
class VolunteersAreNotPaid(Inadmissible):
    """A volunteer's part has a cost."""

    type = "volunteers-are-not-paid"
    title = "志愿服务不计费用"
    title_en = "Volunteers are not paid"
    detail = "志愿部分（{party}）不得填报费用；有偿服务请列为市场部分。"
    detail_en = "The volunteers' part ({party}) has a cost; what is paid for is the market's."

    party: str


@dataclass(kw_only=True, eq=False)
class EvidenceUsed(Conflict):
    """The evidence counts in a delivery already."""

    type = "delivery-evidence-used"
    title = "凭证已计入其他服务记录"
    title_en = "Evidence counted already"
    detail = "凭证 {evidence} 已计入一条服务记录，不能重复计算。"
    detail_en = "{evidence} is counted in a delivery already; it is not counted twice."

    evidence: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one source gave: time in quarter hours, cost in fen, and the one piece of evidence that shows it."""

    source: Source
    party: str
    quarter_hours: int
    cost_fen: int
    evidence: str


def check_parts(parts: Sequence[Part]) -> None:
    """Refuse parts that cannot be.

    Raises:
        VolunteersAreNotPaid: A volunteer's part has a cost.
        EvidenceUsed: A piece of evidence stands for two parts of one source.
    """
    seen: set[tuple[str, str]] = set()
    for part in parts:
        if part.source == "volunteer" and part.cost_fen:
            raise VolunteersAreNotPaid(party=part.party)
        if (part.source, part.evidence) in seen:
            raise EvidenceUsed(evidence=part.evidence)
        seen.add((part.source, part.evidence))


@dataclass(frozen=True, slots=True)
class Mixed:
    """What one source gave in all, and its share of the time in basis points."""

    source: Source
    quarter_hours: int
    cost_fen: int
    time_share_bp: int


def mix(given: Sequence[tuple[Source, int, int]]) -> list[Mixed]:
    """Return each source's time, cost and share of the time; shares are cut off, and what nobody gave is not there."""
    totals: dict[Source, tuple[int, int]] = {}
    for source, quarter_hours, cost_fen in given:
        hours, cost = totals.get(source, (0, 0))
        totals[source] = (hours + quarter_hours, cost + cost_fen)
    whole = sum(hours for hours, _ in totals.values())
    return [Mixed(source, hours, cost, hours * 10_000 // whole) for source, (hours, cost) in sorted(totals.items())]
