"""Bad input, by the thousand: schemathesis makes it from the public description, and none of it may do harm."""

import asyncio
import sys
from pathlib import Path

import pytest

from gateway import limits
from gateway.limits import Limit
from tests.gateway.knock import Door
from tests.ground import identity

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
ROLES = ("resident", "desk", "operator", "official", "merchant", "device", "mini-app", "auditor")
EVERY_ROLE = identity("staff:everyone", *((role, "330102") for role in ROLES), ("administrator", "33"))
BOUNDED = ("--phases", "examples,fuzzing", "--max-examples", "1")
NIGHTLY = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "20")


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one caller do what a thousand would."""
    for table in (limits.PERSON_LIMITS, limits.GRABBING):
        for name in table:
            monkeypatch.setitem(table, name, Limit("all", 1e6, 1_000_000))
    monkeypatch.setattr("gateway.admission.ADDRESS", Limit("address", 1e6, 1_000_000))


async def _try(door: Door, folder: Path, *bounds: str) -> tuple[int | None, str]:
    url, headers = str(door.http.base_url), door.bearer(EVERY_ROLE)
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIGURATION)),
        *("run", f"{url}/openapi.json", "--url", url, "--checks", "all", "--mode", "all", *bounds),
        *("--continue-on-failure", "--no-color", "--generation-deterministic"),
        *("--header", f"Authorization: {headers['Authorization']}"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_no_input_that_schemathesis_makes_breaks_what_is_described(
    unlimited: None,  # noqa: ARG001 - it acts by being there, before the door is opened
    whole: Door,
    tmp_path: Path,
) -> None:
    code, said = await _try(whole, tmp_path, *BOUNDED)
    assert code == 0, said[-20_000:]


@pytest.mark.nightly
async def test_nor_does_any_of_the_many_thousand_of_a_night(
    unlimited: None,  # noqa: ARG001 - the same
    whole: Door,
    tmp_path: Path,
) -> None:
    code, said = await _try(whole, tmp_path, *NIGHTLY)
    assert code == 0, said[-20_000:]
