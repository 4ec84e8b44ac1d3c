"""Reports on their way to a city's Open311 endpoint and back, whatever happens on the way."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from services.scenarios.reports.file_report import FileReport, file_report
from services.scenarios.reports.hand_over import HandReportOver, hand_over
from services.scenarios.reports.queries import find_report, list_reports
from services.scenarios.reports.resolve_report import ResolveReport, resolve_report
from services.scenarios.reports.rules import Kind, mark_of
from services.scenarios.reports.tables import HandOver, Report
from services.scenarios.settings import City
from services.scenarios.worker import exchange_report
from shared.database import Database
from shared.errors import Refusal
from tests.scenarios.people import COMMUNITY, DESK, NOW, at_desk, oneself, resident
from tests.scenarios.reports.city import JURISDICTION, KEY, SERVICE, CityDesk

CROWD = 32
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TEXT = "三号楼北侧路灯不亮，请联系王大友 13800001234"
URL = "http://city.example/v2"


@dataclass
class Hall:
    """The community's side: takes reports, hands them over, and runs the worker's errands."""

    database: Database
    http: httpx.AsyncClient
    cities: list[City]

    async def report(self, kind: Kind = "lighting") -> uuid.UUID:
        """Take a report and hand it over."""
        who = uuid.uuid4()
        async with self.database.transaction() as session:
            filed = FileReport(COMMUNITY, kind, "三号楼北侧", TEXT, oneself(who), resident(who), NOW)
            report_id = (await file_report(session, filed)).id
        await self.hand_over(report_id)
        return report_id

    async def hand_over(self, report_id: uuid.UUID, now: datetime = NOW) -> str:
        """Hand it over; the word of the refusal if it is refused."""
        try:
            async with self.database.transaction() as session:
                return (await hand_over(session, HandReportOver(report_id, None, DESK, now)))[0].state
        except Refusal as refusal:
            return refusal.type

    async def resolve(self, report_id: uuid.UUID) -> str:
        """Close it here."""
        try:
            async with self.database.transaction() as session:
                return (await resolve_report(session, ResolveReport(report_id, "已更换灯泡", DESK, NOW)))[0].state
        except Refusal as refusal:
            return refusal.type

    async def run(self, now: datetime = NOW) -> int:
        """Run all errands that are due, as the worker does; return how many there were."""
        ran = 0
        while await exchange_report(self.database, self.http, self.cities, now):
            ran += 1
        return ran

    async def stands(self, report_id: uuid.UUID) -> tuple[Report, HandOver]:
        """Return a report and its hand-over."""
        async with self.database.transaction() as session:
            report, handed = await find_report(session, report_id, DESK)
            assert handed
            return report, handed


@pytest.fixture
def city() -> CityDesk:
    return CityDesk()


@pytest.fixture
async def hall(database: Database, city: CityDesk) -> AsyncIterator[Hall]:
    takes = City(
        area=COMMUNITY[:6],
        url=URL,
        api_key=SecretStr(KEY),
        jurisdiction_id=JURISDICTION,
        services={"lighting": SERVICE},
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(city.app())) as http:
        yield Hall(database, http, [takes])


@pytest.mark.proves("S19")
async def test_a_report_goes_to_the_city_without_a_person_and_its_end_comes_back(hall: Hall, city: CityDesk) -> None:
    report_id = await hall.report()
    assert await hall.run() == 1
    (form,) = city.received
    assert form == {
        "service_code": SERVICE,
        "api_key": KEY,
        "jurisdiction_id": JURISDICTION,
        "address_string": "东江社区 三号楼北侧",
        "description": f"三号楼北侧路灯不亮，请联系王大友 *** {mark_of(report_id)}",
    }
    report, handed = await hall.stands(report_id)
    assert (report.state, handed.state, handed.request_id) == ("handed-over", "sent", "1")
    assert await hall.run(NOW + HOUR - MINUTE) == 0
    assert await hall.run(NOW + HOUR) == 1
    assert (await hall.stands(report_id))[1].state == "sent"
    city.close("1", "已更换灯具")
    assert await hall.run(NOW + 2 * HOUR) == 1
    report, handed = await hall.stands(report_id)
    assert (report.state, report.outcome, report.closed_at, handed.state) == (
        "closed", "已更换灯具", NOW + 2 * HOUR, "closed",
    )  # fmt: skip
    assert await hall.run(NOW + 100 * HOUR) == 0
    assert await hall.hand_over(report_id) == await hall.resolve(report_id) == "report-elsewhere"


@pytest.mark.proves("S19")
async def test_a_request_whose_answer_was_lost_is_found_again_and_not_sent_twice(hall: Hall, city: CityDesk) -> None:
    city.lost = 1
    report_id = await hall.report()
    other = await hall.report()
    assert await hall.run() == 2
    states = {(await hall.stands(each))[1].state for each in (report_id, other)}
    assert states == {"queued", "sent"}
    assert await hall.run(NOW + MINUTE) == 1
    assert [(await hall.stands(each))[1].state for each in (report_id, other)] == ["sent", "sent"]
    assert len({(await hall.stands(each))[1].request_id for each in (report_id, other)}) == len(city.received) == 2


async def test_a_city_that_is_away_is_asked_again_after_longer_and_longer_pauses(hall: Hall, city: CityDesk) -> None:
    city.is_down = True
    report_id = await hall.report()
    now, pauses = NOW, []
    for _ in range(4):
        assert await hall.run(now) == 1
        due_at = (await hall.stands(report_id))[1].due_at
        assert due_at
        pauses.append((due_at - now) // MINUTE)
        now = due_at
    assert pauses == [1, 2, 4, 8]
    city.is_down, city.is_unreadable = False, True
    assert await hall.run(now) == 1
    assert (await hall.stands(report_id))[1].state == "queued"
    city.is_unreadable = False
    assert await hall.run(now + HOUR) == 1
    assert ((await hall.stands(report_id))[1].request_id, len(city.received)) == ("1", 1)


async def test_a_number_that_comes_by_token_is_asked_for(hall: Hall, city: CityDesk) -> None:
    city.by_token, city.tokens_open = True, False
    report_id = await hall.report()
    await hall.run()
    assert await hall.run(NOW + MINUTE) == 1
    assert ((await hall.stands(report_id))[1].token, (await hall.stands(report_id))[1].request_id) == ("t1", None)
    city.tokens_open = True
    await hall.run(NOW + 2 * MINUTE)
    city.close("1", "已修复")
    await hall.run(NOW + 2 * MINUTE + HOUR)
    assert (await hall.stands(report_id))[0].outcome == "已修复"
    assert len(city.received) == 1


async def test_a_number_is_asked_for_as_it_is_whatever_stands_in_it(hall: Hall, city: CityDesk) -> None:
    city.by_token, city.year = True, "杭城管〔2027〕5/3?#"
    report_id = await hall.report()
    await hall.run()
    await hall.run(NOW + MINUTE)
    assert (await hall.stands(report_id))[1].request_id == f"{city.year}1"
    city.close(f"{city.year}1", "已修复\0")
    await hall.run(NOW + MINUTE + HOUR)
    assert (await hall.stands(report_id))[0].outcome == "已修复"


async def test_what_the_city_refuses_comes_back_to_the_staff_who_send_it_again_or_close_it(
    hall: Hall, city: CityDesk
) -> None:
    takes, hall.cities = hall.cities, [hall.cities[0].model_copy(update={"api_key": SecretStr("wrong")})]
    first, second = await hall.report(), await hall.report()
    await hall.run()
    refusal = (await hall.stands(first))[1].refusal
    assert refusal == "Invalid api_key received -- can't proceed with create_request."
    assert await hall.run(NOW + 100 * HOUR) == 0
    hall.cities = takes
    assert await hall.resolve(second) == "closed"
    assert await hall.hand_over(first, NOW + HOUR) == "handed-over"
    assert await hall.run(NOW + HOUR) == 1
    assert ((await hall.stands(first))[1].state, len(city.received)) == ("sent", 1)


async def test_a_number_that_the_city_knows_no_more_comes_back_and_is_asked_for_again(
    hall: Hall, city: CityDesk
) -> None:
    report_id = await hall.report()
    await hall.run()
    known = city.requests.pop("1")
    await hall.run(NOW + HOUR)
    assert (await hall.stands(report_id))[1].refusal == "service_request_id not found"
    city.requests["1"] = known | {"status": "closed"}
    await hall.hand_over(report_id, NOW + 2 * HOUR)
    await hall.run(NOW + 2 * HOUR)
    assert ((await hall.stands(report_id))[0].state, len(city.received)) == ("closed", 1)


async def test_without_a_city_that_takes_such_reports_staff_are_told(hall: Hall, city: CityDesk) -> None:
    noise = await hall.report("noise")
    hall.cities.append(hall.cities[0].model_copy(update={"area": "330102", "services": {"noise": SERVICE}}))
    await hall.run()
    assert (await hall.stands(noise))[1].state == "refused"
    assert city.asked == []
    hall.cities.append(hall.cities[0].model_copy(update={"area": COMMUNITY, "services": {"noise": SERVICE}}))
    await hall.hand_over(noise)
    await hall.run()
    assert (await hall.stands(noise))[1].state == "sent"


async def test_of_32_who_hand_over_or_close_a_report_at_once_one_does(hall: Hall) -> None:
    who = uuid.uuid4()
    async with hall.database.transaction() as session:
        filed = FileReport(COMMUNITY, "lighting", "北侧", TEXT, at_desk(who), DESK, NOW)
        report_id = (await file_report(session, filed)).id
    steps = [hall.hand_over(report_id) if each % 2 else hall.resolve(report_id) for each in range(CROWD)]
    done = Counter(await asyncio.gather(*steps))
    assert done.pop("report-elsewhere") == CROWD - 1
    assert list(done) in (["handed-over"], ["closed"])


async def test_of_32_workers_one_runs_an_errand(hall: Hall, city: CityDesk) -> None:
    report_id = await hall.report()
    ran = await asyncio.gather(*(hall.run() for _ in range(CROWD)))
    assert (sum(ran), len(city.received)) == (1, 1)
    async with hall.database.transaction() as session:
        (listed,), _ = await list_reports(session, COMMUNITY, None, 10)
        assert listed[0].id == report_id
