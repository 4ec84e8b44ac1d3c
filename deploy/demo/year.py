"""A year of ten communities, made from a seed: `./linli demo year`, after `./linli demo` has registered them."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.demo.chapters import Chapters
from deploy.demo.waiting import BrokenPromiseError
from services.scenarios.communities.tables import Community
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.rules import Opening, Terms
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.lay_out_windows import lay_out_windows
from services.scenarios.timetable.rules import AHEAD_DAYS
from services.scenarios.vacancy.advance_case import AdvanceCase, advance_case
from services.scenarios.vacancy.roll_up import roll_up
from services.scenarios.vacancy.rules import WINDOW_DAYS, Decision, Profile, Stage
from services.scenarios.vacancy.set_profile import SetProfile, set_profile
from services.scenarios.vacancy.tables import IterationCase
from services.scenarios.vacancy.watch import watch
from shared.clock import CHINA
from shared.database import Database
from shared.identity import Identity, Role

SEED = 20260101
COMMUNITIES, RESIDENTS, DAYS = 10, 300, 365
FIRST_HOUR, LAST_HOUR = 8, 22
MADE_BY = Identity("staff:demo-year", (Role("official", "33"),))
TERMS = Terms(tuple(Opening(day, FIRST_HOUR * 60, LAST_HOUR * 60) for day in range(1, 8)), 60, 0, 120)
CONSENT = '{"form": "spoken", "reference": "demo"}'
CORNER = "健康角"
"""The one of the first community has ten users in half a year, as the province's has had."""
CASE_OPENED, TRIAL_BEGAN = timedelta(days=60), timedelta(days=40)
"""How long ago the health corner's case opened by itself, and its trial began."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A space that each community has: its profile, and how much it is used: slots in 100, or visits a day."""

    name: str
    profile: Profile
    used: int
    people: int = 1


KINDS = (
    Kind("邻里客厅", Profile("booked", 30, 1_800, 6_000_000), 35),
    Kind("羽毛球馆", Profile("booked", 8, 1_800, 9_000_000), 70),
    Kind("幸福学堂", Profile("booked", 40, 1_800, 7_500_000), 45),
    Kind("儿童之家", Profile("walk-in", 10, 1_800, 4_800_000), 10, people=4),
    Kind("老年食堂", Profile("walk-in", 40, 1_800, 36_000_000), 20, people=15),
    Kind(CORNER, Profile("walk-in", 6, 1_800, 2_400_000), 8, people=2),
)


async def make_year(database: Database, told: Chapters, now: datetime) -> None:
    """Make the year of each community, all or nothing, unless it is there; then show the health corner's case.

    Raises:
        BrokenPromiseError: Fewer communities are registered; or the health corner has opened no case.
    """
    told.begin("十个社区的一年 A year of ten communities")
    async with database.transaction() as session:
        query = select(Community).where(Community.community_code.startswith("330102"))
        communities = (await session.scalars(query.order_by(Community.community_code).limit(COMMUNITIES))).all()
    if len(communities) < COMMUNITIES:
        raise BrokenPromiseError("先运行 ./linli demo 登记社区 · run ./linli demo first: it registers the communities")
    for number, community in enumerate(communities):
        async with database.transaction() as session:
            made = await _make_community(session, community.community_code, number, now)
        told.row(community.name, made)
    async with database.transaction() as session:
        await _tell_case(session, communities[0].community_code, told)


async def _make_community(session: AsyncSession, code: str, number: int, now: datetime) -> str:
    if await session.scalar(
        select(Space.id).where(Space.community_code == code, Space.published_by == MADE_BY.subject)
    ):
        return "已有 is there"
    chance = random.Random(SEED + number)  # noqa: S311 - plausible, and the same each time
    people = [uuid.UUID(int=chance.getrandbits(128), version=4) for _ in range(RESIDENTS)]
    bookings, visits, corner = 0, 0, None
    for kind in KINDS:
        space = await _publish(session, code, kind, now)
        if kind.profile.mode == "booked":
            bookings += await _copy(session, "booking", BOOKING, _bookings(chance, space, people, kind, now))
        elif kind.name == CORNER and number == 0:
            corner = space
            visits += await _copy(session, "visit", VISIT, _hardly_any(chance, space, people, now))
        else:
            visits += await _copy(session, "visit", VISIT, _visits(chance, space, people, kind, now))
    if corner:
        await _go_through(session, code, now)
    for days in range(0, DAYS + 1, 28):
        await roll_up(session, code, (now - timedelta(days=days)).astimezone(CHINA).date(), now)
    return f"{len(KINDS)} 个空间 spaces · {bookings:,} 次预约 bookings · {visits:,} 次到访 visits"


async def _publish(session: AsyncSession, code: str, kind: Kind, now: datetime) -> Space:
    began = now - timedelta(days=DAYS)
    space = await publish_space(session, PublishSpace(code, kind.name, TERMS, MADE_BY, began))
    await session.execute(update(Space).where(Space.id == space.id).values(published_at=began))
    for days in range(AHEAD_DAYS, DAYS + 1, AHEAD_DAYS):  # as the worker would have done it
        await lay_out_windows(session, [space], began + timedelta(days=days))
    await lay_out_windows(session, [space], now)
    await set_profile(session, SetProfile(space.id, kind.profile, MADE_BY))
    return space


BOOKING = (
    "community_code", "id", "space_id", "resident_id", "starts_at", "ends_at", "state", "channel", "given_by",
    "consent", "booked_at",
)  # fmt: skip
VISIT = ("community_code", "space_id", "resident_id", "people", "visited_at", "noted_by")
Rows = Iterator[tuple[Any, ...]]


async def _copy(session: AsyncSession, table: str, columns: tuple[str, ...], rows: Rows) -> int:
    made = list(rows)
    connection = await (await session.connection()).get_raw_connection()
    assert connection.driver_connection is not None  # noqa: S101 - of an open session
    await connection.driver_connection.copy_records_to_table(table, records=made, columns=columns)
    return len(made)


def _hours(now: datetime) -> Iterator[datetime]:
    midnight = (now - timedelta(days=DAYS - 1)).astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(DAYS - 1):
        for hour in range(FIRST_HOUR, LAST_HOUR):
            yield midnight + timedelta(days=day, hours=hour)


def _bookings(chance: random.Random, space: Space, people: list[uuid.UUID], kind: Kind, now: datetime) -> Rows:
    for start in _hours(now):
        lively = 130 if start.isoweekday() >= 6 or start.hour >= 18 else 85  # noqa: PLR2004 - weekends and evenings
        if chance.randrange(100) * 100 >= kind.used * lively:
            continue
        who, asked = chance.choice(people), start - timedelta(hours=chance.randint(2, 240))
        own = chance.randrange(100) < 80  # noqa: PLR2004 - a fifth comes to the desk
        given = ("app", f"resident:{who}", None) if own else ("desk", "staff:desk", CONSENT)
        state = "cancelled" if chance.randrange(100) < 5 else "confirmed"  # noqa: PLR2004 - one of twenty
        key = (space.community_code, uuid.UUID(int=chance.getrandbits(128), version=4), space.id, who)
        yield (*key, start, start + timedelta(hours=1), state, *given, asked)


def _visits(chance: random.Random, space: Space, people: list[uuid.UUID], kind: Kind, now: datetime) -> Rows:
    hours = list(_hours(now))
    for _ in range(kind.used * DAYS):
        count = chance.randint(1, 2 * kind.people - 1)
        at = chance.choice(hours) + timedelta(minutes=chance.randrange(60))
        yield (space.community_code, space.id, chance.choice(people), count, at, "device:counter")


def _hardly_any(chance: random.Random, space: Space, people: list[uuid.UUID], now: datetime) -> Rows:
    """Yield ten users in the half year before the case, and the guests of the tea room that was tried instead."""
    before = now - CASE_OPENED - timedelta(days=WINDOW_DAYS - 1)
    for number, who in enumerate(people[:10]):
        at = before + timedelta(days=17 * number, hours=chance.randrange(8))
        yield (space.community_code, space.id, who, 1, at, "device:counter")
    for number in range(400):
        at = now - TRIAL_BEGAN + timedelta(hours=1, minutes=number * 140)
        yield (space.community_code, space.id, chance.choice(people), chance.randint(1, 5), at, "device:counter")


async def _go_through(session: AsyncSession, code: str, now: datetime) -> None:
    """Let the case open by itself when it did, and take it to its second measurement and its decision."""
    opened = now - CASE_OPENED
    await session.flush()
    [case] = await watch(session, code, opened)
    steps: tuple[tuple[Stage, datetime, str], ...] = (
        ("propose", opened + timedelta(days=5), "楼下有药店和医院，十人中七人只量过一次血压；建议改为邻里茶室"),
        ("consult", opened + timedelta(days=12), "入户访谈 42 户，38 户赞成"),
        ("trial", now - TRIAL_BEGAN, "茶室试行，保留血压计"),
        ("measure", now, "试行四十天后复测"),
        ("closed", now, "改为邻里茶室"),
    )
    for to, at, note in steps:
        decision: Decision | None = "repurpose" if to == "closed" else None
        await advance_case(session, AdvanceCase(case.id, to, note, {"记录": "demo"}, decision, MADE_BY, at))


async def _tell_case(session: AsyncSession, code: str, told: Chapters) -> None:
    told.begin(f"{CORNER}：十个人、半年、一张工单 Ten users in half a year open a case")
    case = await session.scalar(select(IterationCase).where(IterationCase.community_code == code))
    if case is None or case.second is None:
        raise BrokenPromiseError(f"{CORNER} has opened no case, or it was not measured again")
    for title, use in (("自动立项时 as it opened by itself", case.baseline), ("复测 measured again", case.second)):
        told.row(
            title, f"{use['users']} 人 users · {use['used']} 人次 visits · 利用率 use {use['utilisation_permille']}‰"
        )
    told.row("结论 decided", f"{case.decision}（{case.stage}）")


async def make_year_now(url: str, told: Chapters) -> None:
    """Make it in the scenarios database at `url`, up to now."""
    database = Database(url, name="demo", pool_size=1)
    try:
        await make_year(database, told, datetime.now(UTC))
    finally:
        await database.close()
