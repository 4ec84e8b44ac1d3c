"""How help becomes hours and hours help: an hour for an hour, at most 1,500 a person, what is more is donated (P37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.points.ledger.rules import (
    ISSUER,
    POOL,
    AccountName,
    AssetClass,
    NewLot,
    PostTransfer,
    TransferKind,
    month_end_after,
    release_of,
    resident,
)
from shared.errors import Conflict, Forbidden, Unseen

ACTIVITY = "time-bank"
CAP_QUARTERS = 1_500 * 4
"""How many quarter hours a person can have, in all communities together; the excess goes to donation (Nanjing)."""
VALID_MONTHS = 50 * 12
"""Hours are saved in youth for old age (Beijing), so they last; no book knows points that never expire."""


@dataclass(kw_only=True, eq=False)
class LegacyUnseen(Unseen):
    """There is no such legacy to execute."""

    type = "legacy-unseen"
    title = "没有待执行的时间币继承"
    title_en = "No such legacy"
    detail = "居民 {resident_id} 没有已登记、待执行的时间币继承。请先登记死亡证明。"
    detail_en = "No legacy of {resident_id} was reported. The desk reports it first, with the document it has seen."

    resident_id: str


@dataclass(kw_only=True, eq=False)
class LegacyElsewhere(Conflict):
    """It was reported, or executed, before."""

    type = "legacy-elsewhere"
    title = "该继承已登记或已执行"
    title_en = "The legacy is dealt with"
    detail = "居民 {resident_id} 的时间币继承已登记或已执行，无需重复办理。"
    detail_en = "The legacy of {resident_id} was reported or executed before."

    resident_id: str


@dataclass(kw_only=True, eq=False)
class OwnLegacy(Forbidden):
    """Who reported it executes it, or inherits."""

    type = "own-legacy"
    title = "继承须由另一人执行"
    title_en = "A legacy takes two persons"
    detail = "登记人与继承人不得执行继承。请由另一名工作人员办理。"
    detail_en = "Neither who reported it nor the heir executes it. Let somebody else."


@dataclass(frozen=True, slots=True)
class Part:
    """What still stands of one posting of a visit, and how much of that was donated."""

    revision: int
    standing: int
    donated: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit in the book of a community: who gave help, and whose hours pay for it; none: the community's."""

    community_code: str
    visit_id: UUID
    giver: UUID
    payer: UUID | None

    def reference(self, revision: int) -> str:
        """Name what is posted for a revision; the pledge has the name of the first."""
        return f"help:{self.visit_id}" if revision == 0 else f"help:{self.visit_id}:{revision}"

    def transfer(
        self, kind: TransferKind, reference: str, frm: AccountName, to: AccountName, quarters: int
    ) -> PostTransfer:
        """Describe a movement of quarter hours."""
        return PostTransfer(self.community_code, AssetClass.HOURS, kind, reference, ((frm, -quarters), (to, quarters)))


def split(balance: int, quarters: int) -> tuple[int, int]:
    """Return what of a credit is kept under the cap by who has so much already, and what is donated."""
    kept = min(quarters, max(CAP_QUARTERS - balance, 0))
    return kept, quarters - kept


def release(visit: Visit) -> list[PostTransfer]:
    """Describe the release of a visit's pledge."""
    if visit.payer is None:
        return []
    return [release_of((visit.community_code, AssetClass.HOURS, resident(visit.payer)), visit.reference(0))]


def give(visit: Visit, revision: int, quarters: int, balance: int, today: date) -> list[PostTransfer]:
    """Describe how so many quarter hours of help are posted: earned by the giver, spent by the payer, capped."""
    reference, giver = visit.reference(revision), resident(visit.giver)
    earned = ((ISSUER, -quarters), (giver, quarters))
    lot = NewLot(ACTIVITY, month_end_after(today, VALID_MONTHS))
    commands = [PostTransfer(visit.community_code, AssetClass.HOURS, TransferKind.EARN, reference, earned, lot)]
    if visit.payer:
        commands.append(visit.transfer(TransferKind.GIVE, reference, resident(visit.payer), POOL, quarters))
    if donated := split(balance, quarters)[1]:
        commands.append(visit.transfer(TransferKind.GIVE, f"cap:{reference}", giver, POOL, donated))
    return commands


def taken_from(parts: Sequence[Part], quarters: int) -> list[tuple[Part, int]]:
    """Return how many quarter hours are taken back from which posting, the latest first."""
    taken = []
    for part in sorted(parts, key=lambda part: -part.revision):
        if here := min(part.standing, quarters):
            taken.append((part, here))
            quarters -= here
    return taken


def take_back(visit: Visit, revision: int, part: Part, quarters: int) -> list[PostTransfer]:
    """Describe how a revision takes quarter hours of an earlier posting back, from both sides."""
    reference, giver, back = visit.reference(part.revision), resident(visit.giver), TransferKind.REVERSE
    moves = [(TransferKind.EARN, reference, giver, ISSUER, quarters)]
    if visit.payer:
        moves.append((TransferKind.GIVE, reference, POOL, resident(visit.payer), quarters))
    if undonated := min(part.donated, quarters):  # comes back first, to be taken then
        moves.insert(0, (TransferKind.GIVE, f"cap:{reference}", POOL, giver, undonated))
    return [
        PostTransfer(
            visit.community_code,
            AssetClass.HOURS,
            back,
            f"{kind}:{original}:{revision}",
            ((frm, -amount), (to, amount)),
            reverses=(kind, original),
        )
        for kind, original, frm, to, amount in moves
    ]
