"""Who is next, and why one cannot wait or answer."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.scenarios.activities.rules import Seats, seats_for, seats_left
from shared.errors import Conflict, Inadmissible, Unseen

OWN, OTHERS = 1, 2
"""Priority classes: residents of the activity's own community come before those of others."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A party that waits, and the quotas that it counts under."""

    id: uuid.UUID
    counted: tuple[str, ...]
    party_size: int


@dataclass(kw_only=True, eq=False)
class EntryUnseen(Unseen):
    """There is no such entry, or none that the caller may see."""

    type = "waitlist-entry-unseen"
    title = "没有这条候补"
    title_en = "No such waitlist entry"
    detail = "没有编号为 {entry_id} 的候补，或您无权查看。"
    detail_en = "There is no waitlist entry {entry_id}, or none that you may see."

    entry_id: str


@dataclass(kw_only=True, eq=False)
class PartyTooLarge(Inadmissible):
    """The party would never fit."""

    type = "party-too-large"
    title = "同行人数超过名额"
    title_en = "Party is too large"
    detail = "活动对此类居民最多 {seats} 个名额，请减少同行人数。"
    detail_en = "There are {seats} seats at most for this category; come with fewer."

    seats: int


@dataclass(kw_only=True, eq=False)
class WaitlistClosed(Conflict):
    """No seats are offered any more; those that come free go to whoever signs up."""

    type = "waitlist-closed"
    title = "候补已截止"
    title_en = "Waitlist is closed"
    detail = "候补已于 {closed_at} 截止；如有空余名额可直接报名。"
    detail_en = "The waitlist closed at {closed_at}; sign up if there are seats."

    closed_at: str


@dataclass(kw_only=True, eq=False)
class SeatsFree(Conflict):
    """There are seats: nobody needs to wait."""

    type = "seats-free"
    title = "尚有名额"
    title_en = "There are seats"
    detail = "尚有足够名额，请直接报名。"
    detail_en = "There are seats enough; sign up."


@dataclass(kw_only=True, eq=False)
class AlreadyWaiting(Conflict):
    """The resident waits already, or has a seat."""

    type = "already-waiting"
    title = "已在候补或已报名"
    title_en = "Already waiting or seated"
    detail = "该居民已在候补或已报名，无须重复。"
    detail_en = "The resident waits already or has a seat; nothing is left to do."


@dataclass(kw_only=True, eq=False)
class NoOffer(Conflict):
    """There is no offer to answer: not yet, not any more, or it was answered."""

    type = "no-offer"
    title = "没有待答复的候补通知"
    title_en = "No offer to answer"
    detail = "此候补目前为 {state}，没有待答复的通知；若已过期，名额已给下一位。"
    detail_en = "The entry is {state} and has no offer to answer; one that has lapsed has gone to the next."

    state: str


def next_offers(seats: Seats, queue: Sequence[Waiting]) -> Iterator[Waiting]:
    """Yield, in order, who is offered seats, by what is free.

    The order is strict: a party that does not fit is waited for, and no smaller one behind it goes first. Only seats
    that are kept for a category, and that those before could not have, go to the first of that category.
    """
    waited_for: set[str] = set()  # quotas whose first could not have them: what it waits for is not for others
    for waiting in queue:
        kept = seats_left(seats, set(waiting.counted) - waited_for)
        fits = waiting.party_size <= seats_for(seats, waiting.counted)
        if fits and (not waited_for or waiting.party_size <= kept):
            yield waiting
            seats = _with(seats, waiting)
        else:
            waited_for.update(waiting.counted)


def _with(seats: Seats, waiting: Waiting) -> Seats:
    more = {quota: seats.taken.get(quota, 0) + waiting.party_size for quota in waiting.counted}
    taken = {**seats.taken, **more}
    return replace(seats, seats_taken=seats.seats_taken + waiting.party_size, taken=taken)
