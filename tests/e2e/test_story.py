"""The main story, told through the gateway on both event logs."""

import re

import pytest

from deploy.demo.__main__ import play_drill, tell
from tests.platform import RunningPlatform

VARYING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\b91330281[0-9A-Z]{10}\b"), "<code>"),
    (re.compile(r"SM3 [0-9a-f]{16}…"), "<digest of ids and times>"),
    (re.compile(r"\d+\.\d+ s\b"), "<time>"),
    (re.compile(r"\d\d:\d\d–\d\d:\d\d"), "<time>"),
)


@pytest.fixture(scope="session")
def told() -> dict[str, list[str]]:
    """What was told at the first time on each log."""
    return {}


async def test_the_story_holds_from_nothing(platform: RunningPlatform, told: dict[str, list[str]]) -> None:
    lines: list[str] = []
    await tell(platform.url, platform.sandbox, lines.append)
    told[platform.log] = [_without_what_varies(line) for line in lines]
    assert any("清算头寸" in line for line in lines)


async def test_the_story_holds_again_on_the_same_data(platform: RunningPlatform) -> None:
    lines: list[str] = []
    await tell(platform.url, platform.sandbox, lines.append)
    assert lines


async def test_an_emergency_drill_shows_its_diff_does_what_it_showed_and_is_undone(platform: RunningPlatform) -> None:
    lines: list[str] = []
    await play_drill(platform.url, platform.sandbox, lines.append)
    told = [" ".join(line.split()) for line in lines]
    for change in ("moved", "cancelled"):
        assert sum(f"{change} · 优先改期，下次免费" in line for line in told) == 2  # rehearsed, and done
    assert any("恢复 put back" in line for line in told)


@pytest.mark.kafka
def test_on_kafka_the_story_reads_as_on_postgresql_but_for_ids_and_times(told: dict[str, list[str]]) -> None:
    if "kafka" not in told:
        pytest.skip("no Kafka: the story was told on PostgreSQL alone")
    assert told["kafka"] == told["postgres"]


def _without_what_varies(line: str) -> str:
    for pattern, name in VARYING:
        line = pattern.sub(name, line)
    return line
