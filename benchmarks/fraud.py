"""Recall and false alarms of the fraud detectors, over a month of a made-up district whose attackers are known.

Honest residents volunteer, are registered by the class, have busy weekends, buy breakfast every day and now and then
give something back; each kind of attack is made by people of its own, some carefully. Deterministic by seed.

    ./linli bench fraud [--residents 5000] [--seed 1]
"""

import argparse
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.points.suspicions.rules import DETECTORS, Bought, Did, Lately, suspicions

START = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = 30
ACTIVITIES = ("patrol", "library_help", "elder_care", "class", "cleaning")
CREWS = 5  # of attackers of each kind
AT_HOME, AT_THE_USUAL, GIVES_BACK, AT_THE_FAIR = 0.8, 0.6, 0.01, 0.02  # how often the honest do what


@dataclass
class District:
    """What was done in a month, and who did what on purpose: names by detector."""

    dice: random.Random
    residents: int
    deeds: list[Did] = field(default_factory=list)
    purchases: list[Bought] = field(default_factory=list)
    guilty: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def lately(self) -> Lately:
        """Return what the detectors read."""
        by_time = sorted(self.deeds, key=lambda one: one.at), sorted(self.purchases, key=lambda one: one.at)
        return Lately(*by_time)

    def moment(self, day: int | None = None) -> datetime:
        """Return a time of a day, or of any."""
        day = self.dice.randrange(DAYS) if day is None else day
        return START + timedelta(days=day, minutes=self.dice.randrange(0, 12 * 60))

    def do(self, who: str, by: str, at: datetime, minutes: int, activity: str = "patrol") -> None:
        """Register a deed."""
        self.deeds.append(Did(who, by, activity, at, minutes, max(minutes // 6, 1)))

    def buy(self, who: str, merchant: str, at: datetime, points: int, *, back_after_h: int = 0) -> None:
        """Buy, and give back after some hours if any."""
        back = at + timedelta(hours=back_after_h) if back_after_h else None
        self.purchases.append(Bought(who, merchant, at, points, back))


def simulate(seed: int, residents: int) -> District:
    """Make a month of a district."""
    district = District(random.Random(seed), residents)  # noqa: S311 - made-up people
    _honest(district)
    for crew in range(CREWS):
        _ring(district, crew)
        _velocity(district, crew)
        _split(district, crew)
        _ghosts(district, crew)
        _concentrated(district, crew)
        _round_trips(district, crew)
    return district


def _honest(district: District) -> None:
    dice, desks = district.dice, max(district.residents // 250, 2)
    shops = max(district.residents // 150, 5)
    for number in range(district.residents):
        who, home = f"resident-{number}", number % desks
        for _ in range(dice.choice((0, 1, 2, 4, 8))):
            by = f"desk-{home if dice.random() < AT_HOME else dice.randrange(desks)}"
            district.do(who, by, district.moment(), dice.choice((45, 60, 90, 120)), dice.choice(ACTIVITIES))
        usual = dice.randrange(shops)
        for _ in range(dice.choice((0, 1, 3, 10, 25))):
            shop = usual if dice.random() < AT_THE_USUAL else dice.randrange(shops)
            back = 24 if dice.random() < GIVES_BACK else 0
            district.buy(who, f"shop-{shop}", district.moment(), dice.randrange(2, 60), back_after_h=back)
        if dice.random() < AT_THE_FAIR:  # a busy Saturday at the fair: six small things, at several stalls
            at = district.moment(5)
            for stall in range(6):
                district.buy(who, f"shop-{(usual + stall) % shops}", at + timedelta(minutes=12 * stall), 5)
    for desk in range(desks):  # classes, registered at once by the clerk
        for _ in range(6):
            at = district.moment()
            for _ in range(dice.randrange(5, 25)):
                number = dice.randrange(desk, district.residents, desks)
                district.do(f"resident-{number}", f"desk-{desk}", at, 90, "class")


def _ring(district: District, crew: int) -> None:
    clerk, shop = f"ring-clerk-{crew}", f"ring-shop-{crew}"
    members = [f"ring-{crew}-{n}" for n in range(4 + crew)]
    for who in members:
        for _ in range(3):
            district.do(who, clerk, district.moment(), 120)
            district.buy(who, shop, district.moment(), 15)
        if crew == CREWS - 1:  # the careful ones buy elsewhere too
            district.buy(who, "shop-0", district.moment(), 10)
    district.guilty["rings"] |= {clerk, shop, *members}


def _velocity(district: District, crew: int) -> None:
    who, at = f"bot-{crew}", district.moment()
    for n in range(8 + crew):  # the first stays just below the figure
        district.do(who, f"desk-{crew}", at + timedelta(minutes=5 * n), 0, "recycling")
    district.guilty["velocity"].add(who)


def _split(district: District, crew: int) -> None:
    who, at = f"splitter-{crew}", district.moment()
    for n in range(4 + crew):
        district.buy(who, "shop-1", at + timedelta(minutes=2 * n), 19)
    district.guilty["split_bills"].add(who)


def _ghosts(district: District, crew: int) -> None:
    clerk, at = f"ghost-clerk-{crew}", district.moment()
    members = [f"ghost-{crew}-{n}" for n in range(9 + crew)]
    for session in range(2):
        for who in members:
            district.do(who, clerk, at + timedelta(days=session), 120, "night_watch")
    for who in members:
        district.buy(who, f"shop-{crew}", district.moment(), 30)
    busy = f"twice-{crew}"
    for day in range(3):
        moment = district.moment(day)
        district.do(busy, f"desk-{crew}", moment, 120, "patrol")
        district.do(busy, f"desk-{crew + 1}", moment + timedelta(minutes=20), 120, "class")
    district.guilty["ghost_activity"] |= {clerk, busy, *members}


def _concentrated(district: District, crew: int) -> None:
    clerk = f"friendly-clerk-{crew}"
    for n in range(24 + crew):
        district.do(f"resident-{(crew * 7 + n) % 3 + 10 * crew}", clerk, district.moment(n % DAYS), 60)
    for n in range(4):
        district.do(f"resident-{200 + crew + n}", clerk, district.moment(), 60)
    district.guilty["concentrated_granting"].add(clerk)


def _round_trips(district: District, crew: int) -> None:
    who = f"returner-{crew}"
    for trip in range(2 + crew):  # two are what happens to anybody
        at = district.moment(trip * 3)
        district.buy(who, "shop-2", at, 40, back_after_h=20)
        district.do(who, f"desk-{crew}", at + timedelta(minutes=10), 0, "green_shopping")
    district.guilty["buy_earn_refund"].add(who)


@dataclass(frozen=True, slots=True)
class Row:
    """How a detector did: of the guilty how many it found, and of the innocent how many it accused."""

    detector: str
    guilty: int
    found: int
    innocent: int
    accused: int


def table(district: District) -> list[Row]:
    """Run the detectors; who is guilty of anything is no false alarm of another detector."""
    lately = district.lately()
    everybody = {name for one in lately.deeds for name in (one.resident, one.registrar)}
    everybody |= {name for one in lately.purchases for name in (one.resident, one.merchant)}
    innocent = everybody - set().union(*district.guilty.values())
    suspected: dict[str, set[str]] = defaultdict(set)
    for one in suspicions(lately, {}):
        suspected[one.detector].add(one.who)
    rows = []
    for detector in DETECTORS:
        guilty = district.guilty[detector]
        found, accused = len(guilty & suspected[detector]), len(innocent & suspected[detector])
        rows.append(Row(detector, len(guilty), found, len(innocent), accused))
    return rows


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--residents", type=int, default=5_000)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    district = simulate(options.seed, options.residents)
    done = f"{len(district.deeds)} deeds, {len(district.purchases)} purchases"
    print(f"{options.residents} residents, seed {options.seed}: {done}")
    print("| detector | guilty | found | recall | innocent | accused | false alarms |")
    print("|---|---|---|---|---|---|---|")
    for row in table(district):
        recall, alarms = f"{row.found / row.guilty:.1%}", f"{row.accused / row.innocent:.2%}"
        cells = (row.detector, row.guilty, row.found, recall, row.innocent, row.accused, alarms)
        print(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
