"""Who gets which slot of a round, and why (S11): a lottery, or deferred acceptance (Gale and Shapley, 1962)."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.errors import Conflict, Inadmissible, Unseen

Method = Literal["lottery", "deferred-acceptance"]
Outcome = Literal["got", "given-to-a-better-rank", "not-needed"]
SLOTS_MAX = 200

Rank = tuple[int, str]
"""How a slot ranks an applicant: by the place of its category among those that come first, then by its ticket."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """An applicant: its ticket, its category, and the slots that it wants, the dearest first."""

    ticket: str
    category: str
    choices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """What became of a choice, and the ranks that decided: the applicant's, and that of whoever has the slot."""

    slot: int
    outcome: Outcome
    rank: Rank
    holder: Rank


@dataclass(kw_only=True, eq=False)
class RoundUnseen(Unseen):
    """There is no such round."""

    type = "allocation-round-unseen"
    title = "没有这个申请轮次"
    title_en = "No such round"
    detail = "没有编号为 {round_id} 的申请轮次，请核对编号。"
    detail_en = "There is no round {round_id}; check the id."

    round_id: str


@dataclass(kw_only=True, eq=False)
class RoundClosed(Conflict):
    """The round takes no applications now."""

    type = "allocation-round-closed"
    title = "不在申请时间内"
    title_en = "Round is not open"
    detail = "申请时间为 {opens_at} 至 {closes_at}。"
    detail_en = "Applications are taken from {opens_at} until {closes_at}."

    opens_at: str
    closes_at: str


@dataclass(kw_only=True, eq=False)
class RoundInadmissible(Inadmissible):
    """The round is not one that can be held."""

    type = "allocation-round-inadmissible"
    title = "申请轮次有误"
    title_en = "Round is not admissible"
    detail = "截止须晚于开始和现在、早于每个时段的开始；时段须先开始后结束，其空间须属于本社区。"
    detail_en = (
        "It closes after it opens, after now and before each slot starts; each slot ends after it starts, in a space of"
        " the community's own."
    )


@dataclass(kw_only=True, eq=False)
class ChoicesInadmissible(Inadmissible):
    """The choices are not slots of the round, each once."""

    type = "choices-inadmissible"
    title = "志愿有误"
    title_en = "Choices are not admissible"
    detail = "志愿须为本轮次的时段编号（0 至 {last}），至少一个，且不重复。"
    detail_en = "Choices are slots of this round (0 to {last}), at least one, each once."

    last: int


@dataclass(kw_only=True, eq=False)
class NotDrawn(Conflict):
    """The round is not drawn yet, or there is no application."""

    type = "allocation-round-not-drawn"
    title = "尚无结果"
    title_en = "No result yet"
    detail = "轮次于 {closes_at} 截止后自动分配；该居民须已申请。"
    detail_en = "It is drawn by itself after it closes at {closes_at}; and the resident must have applied."

    closes_at: str


def commitment_to(seed: str) -> str:
    """Return what is published of a seed before it is drawn with."""
    return hashlib.sha256(seed.encode()).hexdigest()


def ticket_of(seed: str, resident_id: uuid.UUID) -> str:
    """Return an applicant's ticket: the lower it is, in hexadecimal, the earlier. Anybody can work it out."""
    return hashlib.sha256(f"{seed}:{resident_id}".encode()).hexdigest()


def check_round(opens_at: datetime, closes_at: datetime, starts: Sequence[datetime], now: datetime) -> None:
    """Refuse times at which no round can be held.

    Raises:
        RoundInadmissible: See its detail.
    """
    if not max(opens_at, now) < closes_at or any(start <= closes_at for start in starts):
        raise RoundInadmissible


def check_choices(choices: Sequence[int], slots: int) -> None:
    """Refuse choices that are not slots of the round.

    Raises:
        ChoicesInadmissible: See its detail.
    """
    if not choices or len(set(choices)) != len(choices) or not set(choices) <= set(range(slots)):
        raise ChoicesInadmissible(last=slots - 1)


def rank_of(applicant: Applicant, first: Sequence[str]) -> Rank:
    """Return how a slot for which these categories come first ranks an applicant; lower is better."""
    return (first.index(applicant.category) if applicant.category in first else len(first), applicant.ticket)


def allot(method: Method, applicants: Sequence[Applicant], priorities: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return who, by its ticket, gets which slot.

    By lottery each takes, in the order of tickets, the dearest slot that is left. By deferred acceptance each asks for
    its dearest slot, which keeps the best that has asked so far and sends the others on to their next: nobody then
    finds a slot that it would rather have given to somebody whom that slot ranks lower, and no other such allotment is
    better for any applicant.
    """

    def rank(one: Applicant, slot: int) -> Rank:
        return rank_of(one, _first(method, priorities[slot]))

    holders: dict[int, Applicant] = {}
    left = {one.ticket: iter(one.choices) for one in applicants}
    asking = list(applicants)
    while asking:
        one = asking.pop()
        slot = next(left[one.ticket], None)
        if slot is None:
            continue
        holder = holders.get(slot)
        if holder is None:
            holders[slot] = one
            continue
        holders[slot], sent_on = sorted((one, holder), key=lambda each: rank(each, slot))
        asking.append(sent_on)
    return {holder.ticket: slot for slot, holder in holders.items()}


def explain(
    method: Method,
    applicant: Applicant,
    got: Mapping[str, int],
    everybody: Mapping[str, Applicant],
    priorities: Sequence[Sequence[str]],
) -> list[Reason]:
    """Return for each choice, in its order, what became of it: each that was missed went to a better rank."""
    holders = {slot: everybody[ticket] for ticket, slot in got.items()}
    mine = got.get(applicant.ticket)
    reasons: list[Reason] = []
    for slot in applicant.choices:
        first = _first(method, priorities[slot])
        settled = any(reason.outcome == "got" for reason in reasons)
        outcome: Outcome = "got" if slot == mine else "not-needed" if settled else "given-to-a-better-rank"
        own = rank_of(applicant, first)
        holder = rank_of(holders[slot], first) if slot in holders else own
        reasons.append(Reason(slot, outcome, own, holder))
    return reasons


def _first(method: Method, priorities: Sequence[str]) -> Sequence[str]:
    return () if method == "lottery" else priorities
