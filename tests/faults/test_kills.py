"""Processes are killed under load, and everything that was acknowledged is there, once."""

import asyncio
import signal
from itertools import cycle, islice

import pytest

from deploy.load.reckoning import differences
from tests.faults.conftest import town_of
from tests.faults.killing import kill, victims
from tests.faults.sums import Sums
from tests.platform import RunningPlatform

CALM_S = 0.5
BACK_WITHIN_S = 10.0
KILLS, READS_MIN = 54, 1_000
BROKER_AWAY_S = 600.0
DRAINED_WITHIN_S = 60.0
CREATED, SERVER_ERROR = 201, 500


async def test_kill_9_of_any_process_loses_nothing_and_does_nothing_twice(platform: RunningPlatform) -> None:
    async with town_of(platform, residents=24, pause_s=0.3) as town:
        living = asyncio.create_task(town.crowd.live())
        for victim in victims(platform):
            await asyncio.sleep(CALM_S)
            await kill(platform, victim)
        town.crowd.go_home()
        await living
        assert await differences(town.crowd.books, town.cast, platform.admin_dsn("linli_points")) == []
    assert len(town.crowd.books.redemptions) > len(victims(platform))


@pytest.mark.nightly
@pytest.mark.proves("R1")
async def test_no_point_is_created_or_lost_while_services_broker_and_database_are_killed(
    platform: RunningPlatform,
) -> None:
    sums = Sums()
    async with town_of(platform, residents=24, pause_s=0.3) as town:
        reading = asyncio.create_task(sums.read_all_along(platform.admin_dsn("linli_points")))
        living = asyncio.create_task(town.crowd.live())
        for victim in islice(cycle(victims(platform)), KILLS):
            await asyncio.sleep(CALM_S)
            await kill(platform, victim)
        await sums.come_to(READS_MIN)
        town.crowd.go_home()
        await living
        reading.cancel()
        assert await differences(town.crowd.books, town.cast, platform.admin_dsn("linli_points")) == []
    assert sums.wrong == [], f"{sums.reads} reads, {sums.faults}"


@pytest.mark.nightly
@pytest.mark.proves("R7")
async def test_what_was_acknowledged_survives_immediate_stops_of_the_database(platform: RunningPlatform) -> None:
    async with town_of(platform, residents=24, pause_s=0.1) as town:
        living = asyncio.create_task(town.crowd.live())
        took_s = []
        for _ in range(5):
            await asyncio.sleep(10 * CALM_S)
            took_s.append(await kill(platform, "postgres", signal.SIGQUIT))
        town.crowd.go_home()
        await living
        assert await differences(town.crowd.books, town.cast, platform.admin_dsn("linli_points")) == []
    assert max(took_s) < BACK_WITHIN_S


@pytest.mark.nightly
@pytest.mark.kafka
@pytest.mark.proves("R6")
@pytest.mark.parametrize("platform", ["kafka"], indirect=True)
async def test_all_writes_go_on_while_the_broker_is_away_for_ten_minutes(platform: RunningPlatform) -> None:
    assert platform.broker
    async with town_of(platform, residents=24, pause_s=0.3) as town:
        living = asyncio.create_task(town.crowd.live())
        await asyncio.sleep(10 * CALM_S)
        await asyncio.to_thread(platform.broker.stop)
        before = town.answers.copy()
        await asyncio.sleep(BROKER_AWAY_S)
        assert not {status for status in town.answers - before if status >= SERVER_ERROR}
        assert (town.answers - before)[CREATED] > BROKER_AWAY_S
        town.crowd.go_home()
        await living
        await asyncio.to_thread(platform.broker.start)
        async with asyncio.timeout(DRAINED_WITHIN_S):
            assert await differences(town.crowd.books, town.cast, platform.admin_dsn("linli_points")) == []
