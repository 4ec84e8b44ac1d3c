"""How a cost is split by a key."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.errors import Conflict, Unseen


@dataclass(kw_only=True, eq=False)
class SharedSpaceUnseen(Unseen):
    """There is no such shared space."""

    type = "shared-space-unseen"
    title = "未找到该共享空间"
    title_en = "No such shared space"
    detail = "未找到共享空间 {space_id}。请核对编号。"
    detail_en = "There is no shared space {space_id}. Check its id."

    space_id: str


@dataclass(kw_only=True, eq=False)
class CostBooked(Conflict):
    """The month's cost is booked already."""

    type = "shared-cost-booked"
    title = "该月成本已分摊"
    title_en = "The month's cost is booked"
    detail = "{month} 的成本已入账分摊，不能重复。"
    detail_en = "The cost of {month} is booked and split already."

    month: str


def split(amount_fen: int, key: Mapping[str, int]) -> dict[str, int]:
    """Split an amount by a key without a residue, by the largest remainder (Hare, Niemeyer).

    Each gets the whole fen of its part; the fen that are left go one each to the largest remainders, of equal ones to
    the lower code. Nobody is more than a fen away from its exact part.
    """
    weight = sum(key.values())
    shares = {code: amount_fen * part // weight for code, part in key.items()}
    left = amount_fen - sum(shares.values())
    for code in sorted(key, key=lambda one: (-(amount_fen * key[one] % weight), one))[:left]:
        shares[code] += 1
    return shares
