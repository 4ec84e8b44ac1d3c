"""Memory of each process of the platform, idle and under a steady load, and what grows.

    ./linli up -d && ./linli bench memory [--minutes 5] [--rate 20]

PSS divides a shared page among those who share it, so that processes add up; RSS counts it in each. The growth is the
slope of a line through the samples of the last three quarters (the first is for caches to fill), of USS, which is what
a process has for itself: PSS changes with every other program that comes or goes.
"""

import argparse
import asyncio
import math
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg
import psutil

from benchmarks.running import RunningPlatform, family, find_platform
from deploy.demo.forms import QINGBO
from deploy.load.crowd import Crowd
from deploy.load.reckoning import differences
from deploy.load.residents import settle
from deploy.load.town import lay_out

MIB = 2**20
IDLE_S = 30
SAMPLE_EVERY_S = 5.0
RESIDENTS = 200
MERCHANTS = 10
WARM_UP = 0.25
GROWTH_AFTER_S = 120.0
GOALS = "goals: all under 1,024 MiB idle, an API or worker under 160 MiB, nothing that grows"


@dataclass
class Course:
    """One process, sampled over time."""

    at_s: list[float] = field(default_factory=list)
    pss_mib: list[float] = field(default_factory=list)
    uss_mib: list[float] = field(default_factory=list)
    rss_mib: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)

    def note(self, at_s: float, members: list[psutil.Process]) -> None:
        """Add a sample of a process, or of a family together."""
        pss = uss = rss = files = 0
        cpu_s = 0.0
        for process in members:
            with suppress(psutil.NoSuchProcess):
                memory, used = process.memory_full_info(), process.cpu_times()
                pss, uss, rss = pss + memory.pss, uss + memory.uss, rss + memory.rss
                files += process.num_fds()
                cpu_s += used.user + used.system
        self.at_s.append(at_s)
        self.pss_mib.append(pss / MIB)
        self.uss_mib.append(uss / MIB)
        self.rss_mib.append(rss / MIB)
        self.files.append(files)
        self.cpu_s.append(cpu_s)

    def cpu(self) -> float:
        """The share of one core."""
        return (self.cpu_s[-1] - self.cpu_s[0]) / (self.at_s[-1] - self.at_s[0])

    def growth_mib_per_h(self) -> float:
        """The slope of USS after the warm-up; not a number when it was watched too shortly to tell."""
        if self.at_s[-1] < GROWTH_AFTER_S:
            return math.nan
        start = int(len(self.at_s) * WARM_UP)
        return statistics.linear_regression(self.at_s[start:], self.uss_mib[start:]).slope * 3600


Courses = Mapping[str, Course]


async def watch(platform: RunningPlatform, seconds: float) -> Courses:
    """Sample all processes for so long."""
    courses: dict[str, Course] = defaultdict(Course)
    began = time.monotonic()
    while (at_s := time.monotonic() - began) < seconds:
        for name, process in platform.processes.items():
            courses[name].note(at_s, family(process, name))
        await asyncio.sleep(SAMPLE_EVERY_S)
    return courses


def show(title: str, courses: Courses) -> None:
    """Print a table."""
    print(f"\n### {title}\n\n| process | PSS MiB first | last | most | growth MiB/h | RSS MiB most | files | cpu |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, course in courses.items():
        figures = (course.pss_mib[0], course.pss_mib[-1], max(course.pss_mib), course.growth_mib_per_h())
        shown = " | ".join(f"{figure:.1f}" for figure in (*figures, max(course.rss_mib)))
        files = f"{course.files[0]} → {course.files[-1]}"
        print(f"| {name} | {shown} | {files} | {course.cpu():.1%} |")
    first, last = (sum(course.pss_mib[at] for course in courses.values()) for at in (0, -1))
    growth = sum(course.growth_mib_per_h() for course in courses.values())
    cpu = sum(course.cpu() for course in courses.values())
    print(f"| all | {first:.1f} | {last:.1f} | | {growth:.1f} | | | {cpu:.1%} |", flush=True)


async def sizes(platform: RunningPlatform) -> dict[str, int]:
    """Return the bytes of each table with its indexes, of all databases, and of logs and audit."""
    found: dict[str, int] = {}
    for service in ("points", "scenarios", "operations"):
        connection = await asyncpg.connect(platform.points_dsn(f"linli_{service}"))
        rows = await connection.fetch("SELECT relname, pg_total_relation_size(relid) AS bytes FROM pg_stat_user_tables")
        await connection.close()
        found |= {f"{service}.{row['relname']}": row["bytes"] for row in rows}
    for folder in (platform.places.logs, platform.places.audit):
        found[f"{folder.name}/"] = sum(file.stat().st_size for file in folder.iterdir())
    return found


def show_growth(before: Mapping[str, int], after: Mapping[str, int], calls: int) -> None:
    """Print what takes most room on disk."""
    grown = sorted(((after[name] - before.get(name, 0), name) for name in after), reverse=True)
    print(f"\n### Disk\n\n| what | bytes per call ({calls:,} writes) |\n|---|---:|")
    for size, name in grown[:12]:
        print(f"| {name} | {size / calls:,.0f} |")
    print(f"| all | {sum(size for size, _ in grown) / calls:,.0f} |")


async def measure(minutes: float, rate: float) -> None:
    """Measure idle, then under load, and print."""
    platform = find_platform()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; event log {platform.record.events}")
    print(GOALS)
    show(f"Idle, {IDLE_S} s", await watch(platform, IDLE_S))
    async with platform.cast() as (http, cast):
        merchants = await lay_out(cast, MERCHANTS)
        residents = settle(platform.places, platform.url, QINGBO, RESIDENTS)
        crowd = Crowd(http, cast, residents, merchants, pause_s=RESIDENTS / rate)
        before = await sizes(platform)
        living = asyncio.create_task(crowd.live())
        courses = await watch(platform, minutes * 60)
        crowd.go_home()
        await living
        show(f"Under {rate:g} writes/s for {minutes:g} minutes", courses)
        books = crowd.books
        show_growth(before, await sizes(platform), books.deeds + 2 * len(books.redemptions))
        found = await differences(books, cast, platform.points_dsn())
    print(f"\n{books.deeds:,} deeds, {len(books.redemptions):,} redemptions, {books.replayed} replayed")
    print("\n".join(found) or "the books agree, the invariants hold, no event was left behind")
    show(f"Idle again, {IDLE_S} s", await watch(platform, IDLE_S))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--rate", type=float, default=20, help="writes a second")
    asked = parser.parse_args()
    asyncio.run(measure(asked.minutes, asked.rate))


if __name__ == "__main__":
    main()
