"""A year of a district of 200 communities and 100,000 residents, in memory by the product's own rules of points.

    ./linli bench district [--communities 200] [--residents 100000] [--days 365] [--seed 2026] [--png district.png]

It is lived twice with the same dice: with the corridor's discount moving, and with it fixed. One community floods its
neighbour, one hoards. Prints both paths, concentration, liability and expiry by month; each month's end every book is
held against itself, and the run ends with an error if one does not hold or the flood does not stay bounded.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.district_life import DISTRICT, District, Setting
from benchmarks.district_plot import plot

PERCENT_BP = 100


def lived(setting: Setting) -> District:
    """Live a district through; raises if a book does not hold."""
    district = District(setting)
    district.live()
    return district


def bounded(district: District) -> bool:
    """Tell whether the flood has come to rest: its last third added less than a quarter of what its first two did."""
    path = [month.flood_owes for month in district.months]
    return path[-1] - path[-1 - len(path) // 3] < path[-1 - len(path) // 3] // 4


def show(moving: District, fixed: District) -> None:
    """Print both, month by month."""
    print(
        "| month | flood owes, moving | its discount | flood owes, fixed | earned | abroad | expired | liability |",
        end="",
    )
    print(" hoard | top 1 % | Gini | settled |")
    print("|---:" * 12 + "|")
    for one, other in zip(moving.months, fixed.months, strict=True):
        shares = (one.hoard_share_bp, one.top_share_bp, one.gini_bp)
        hoard, top, gini = (f"{share / PERCENT_BP:.1f} %" for share in shares)
        print(
            f"| {one.month} | {one.flood_owes:,} | {one.flood_discount_bp / PERCENT_BP:.1f} % | {other.flood_owes:,} "
            f"| {one.earned:,} | {one.spent_abroad:,} | {one.expired:,} | {one.liability:,} | {hoard} | {top} | {gini} "
            f"| {one.settled:,} |"
        )


def main() -> int:
    """Live both years, print them, and say whether what is claimed held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--communities", type=int, default=200)
    parser.add_argument("--residents", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--png", type=Path, help="where the plot goes")
    asked = parser.parse_args()
    started = time.process_time()
    setting = Setting(asked.communities, asked.residents, asked.days, asked.seed, moving=True)
    moving, fixed = lived(setting), lived(replace(setting, moving=False))
    print(
        f"{DISTRICT} 上城区: {asked.communities} communities, {asked.residents:,} residents, {asked.days} days, ",
        end="",
    )
    print(f"seed {asked.seed}; CPU {time.process_time() - started:.0f} s; every book held at every month's end\n")
    show(moving, fixed)
    print(f"\nflood bounded: moving {bounded(moving)}, fixed {bounded(fixed)}")
    if asked.png:
        plot(asked.png, moving, fixed)
        print(f"plot: {asked.png}")
    return 0 if bounded(moving) and not bounded(fixed) else 1


if __name__ == "__main__":
    sys.exit(main())
