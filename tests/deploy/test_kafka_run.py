"""deploy/kafka/run says what it needs, and does not mind where it lies."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.kafka.broker import RUN, Broker, missing_tools


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with the system's plain tools and neither Java nor Maven."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for tool in ("sh", "cat", "cksum", "cut", "dirname", "mkdir", "rm", "sed"):
        found = next(Path(p, tool) for p in os.defpath.split(":") if p and Path(p, tool).exists())
        (folder / tool).symlink_to(found)
    return folder


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def run(tools: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(tools), "LC_ALL": "C.UTF-8"}
    command = [str(tools / "sh"), str(RUN), *options]
    return subprocess.run(  # noqa: S603 - our own script
        command, env=environment, capture_output=True, text=True, check=False
    )


def test_without_java_it_says_so(tools: Path, tmp_path: Path) -> None:
    refused = run(tools, "--dir", str(tmp_path))
    assert refused.returncode == 1
    assert "没有找到 Java" in refused.stderr
    assert "17 or newer" in refused.stderr


def test_with_an_old_java_it_names_the_version(tools: Path, tmp_path: Path) -> None:
    program(tools, "java", """echo 'openjdk version "11.0.2" 2019-01-15' >&2""")
    refused = run(tools, "--dir", str(tmp_path))
    assert refused.returncode == 1
    assert "Java 11 is too old" in refused.stderr


def test_without_maven_it_says_so_where_the_jars_are_missing(tools: Path, tmp_path: Path) -> None:
    program(tools, "java", """echo 'openjdk version "17.0.15" 2025-04-15' >&2""")
    refused = run(tools, "--dir", str(tmp_path), "--jars", str(tmp_path / "jars"))
    assert refused.returncode == 1
    assert "没有找到 Maven" in refused.stderr


def test_a_download_that_fails_leaves_no_half_of_the_jars(tools: Path, tmp_path: Path) -> None:
    program(tools, "java", """echo 'openjdk version "17.0.15" 2025-04-15' >&2""")
    program(tools, "mvn", "exit 1")
    refused = run(tools, "--dir", str(tmp_path), "--jars", str(tmp_path / "jars"))
    assert refused.returncode == 1
    assert "could not fetch" in refused.stderr
    assert list((tmp_path / "jars").iterdir()) == []


def test_an_unknown_option_shows_the_usage(tools: Path) -> None:
    refused = run(tools, "--prot", "9092")
    assert refused.returncode == 2
    assert "--port PORT" in refused.stderr


@pytest.mark.kafka
def test_it_runs_in_a_folder_with_spaces_and_chinese_and_starts_again(tmp_path: Path) -> None:
    if missing := missing_tools():
        pytest.skip(f"no Kafka: {' and '.join(missing)} cannot be found")
    folder = tmp_path / "余姚 邻里, data"
    folder.mkdir()
    broker = Broker(folder)
    broker.start()
    broker.stop()
    broker.start()
    broker.stop()
    assert (folder / "data" / "meta.properties").exists()
