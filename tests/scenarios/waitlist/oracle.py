"""Seats and those who wait for them, reckoned in plain Python: slow, short, and by itself."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

CATEGORIES = ("general", "elder", "child", "general+assisted", "elder+assisted")
"""What a party counts as: its category, and whether the desk acts for it."""


@dataclass
class Party:
    """Who waits, and what for."""

    who: uuid.UUID
    size: int
    category: str
    priority: int
    until: datetime | None = None


@dataclass
class Oracle:
    """An activity as it ought to be."""

    capacity: int
    quotas: dict[str, int]
    cut_off: datetime
    offer: timedelta
    seated: dict[uuid.UUID, tuple[int, str]] = field(default_factory=dict)
    queue: list[Party] = field(default_factory=list)

    def taken(self, category: str | None = None) -> int:
        """Count the seats that are had or on offer, of a category or of all."""
        had = [*self.seated.values(), *((p.size, p.category) for p in self.queue if p.until)]
        return sum(size for size, of in had if category is None or category in of.split("+"))

    def room(self, category: str) -> int:
        """Count the seats that a party may take."""
        kept = sum(max(0, n - self.taken(c)) for c, n in self.quotas.items() if c not in category.split("+"))
        return self.capacity - self.taken() - kept

    def settle(self, now: datetime) -> None:
        """Let offers lapse, and offer what is free."""
        self.queue = [p for p in self.queue if not (p.until and p.until <= now)]
        if now >= self.cut_off:
            return
        left_waiting: set[str] = set()
        for party in [p for p in self.queue if not p.until]:
            quotas = {*party.category.split("+")}
            own = sum(max(0, n - self.taken(c)) for c, n in self.quotas.items() if c in quotas - left_waiting)
            if party.size <= self.room(party.category) and (not left_waiting or party.size <= own):
                party.until = min(now + self.offer, self.cut_off)
            else:
                left_waiting |= quotas

    def sign_up(self, who: uuid.UUID, size: int, category: str, now: datetime) -> str:
        """Take seats, if nobody waits for them."""
        self.settle(now)
        if who in self.seated:
            return "already-signed-up"
        if (self.queue and now < self.cut_off) or size > self.room(category):
            return "activity-full"
        self.seated[who] = (size, category)
        return "seated"

    def join(self, party: Party, now: datetime) -> str:
        """Wait."""
        self.settle(now)
        if now >= self.cut_off:
            return "waitlist-closed"
        if party.size > self.capacity - sum(n for c, n in self.quotas.items() if c not in party.category.split("+")):
            return "party-too-large"
        if party.who in self.seated or any(p.who == party.who for p in self.queue):
            return "already-waiting"
        if not self.queue and party.size <= self.room(party.category):
            return "seats-free"
        after = [n for n, p in enumerate(self.queue) if p.priority <= party.priority]
        self.queue.insert(after[-1] + 1 if after else 0, party)
        self.settle(now)
        return "offered" if party.until else "waiting"

    def withdraw(self, who: uuid.UUID, now: datetime) -> str:
        """Give seats up."""
        self.settle(now)
        if self.seated.pop(who, None) is None:
            return "no-seat"
        self.settle(now)
        return "withdrawn"

    def answer(self, who: uuid.UUID, now: datetime, *, accept: bool) -> str:
        """Accept an offer, or wait no more."""
        self.settle(now)
        party = next((p for p in self.queue if p.who == who), None)
        if party is None or (accept and not party.until):
            return "no-offer"
        self.queue.remove(party)
        if accept:
            self.seated[who] = (party.size, party.category)
        self.settle(now)
        return "accepted" if accept else "declined"
