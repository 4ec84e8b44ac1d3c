"""The scan of the whole run for numbers of persons finds what is planted, and fails the run for it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from shared.database import Database
from shared.outbox import publish
from tests.contracts.world import counted
from tests.ground import MakeDatabase
from tests.scan import KINDS, Scan, numbers_in
from tests.shape.tree import ROOT

ID, MOBILE = "11010519491231002X", "13712349050"
PLANTED = """
import httpx, logging, pytest

@pytest.fixture(scope="session")
def postgres():
    return ""

def test_that_passes():
    answers = httpx.MockTransport(lambda _: httpx.Response(200, headers={"X-Who": MOBILE[1:]}, json={"id": ID}))
    with httpx.Client(transport=answers) as client:
        client.get("http://x/")
    print("致电", MOBILE)
    logging.getLogger("one").warning("and %s", MOBILE)
"""


@pytest.mark.parametrize(
    "text",
    [
        ID,
        ID.lower(),
        f"身份证{ID}。",
        f'"{MOBILE}"',
        f"+86 {MOBILE}",
        "137-1234-9050",
        f"电话{MOBILE}，",
        rf"\u8bdd{MOBILE}",
        rf"电话\n{MOBILE}",
    ],
)
def test_a_full_number_is_found(text: str) -> None:
    assert len(numbers_in(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",
        "11010519491331002X",
        "137****9050",
        "1****************X",
        "330102001051",
        "1795349540168",
        "0199d0f0-7a3c-7bb1-9137-137123490501",
        "1.3712349050e+10",
    ],
)
def test_what_is_none_is_not_found(text: str) -> None:
    assert numbers_in(text) == []


@pytest.mark.proves("R15")
async def test_a_run_that_shows_a_number_fails_and_says_where_and_never_which(tmp_path: Path) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text(
        PLANTED.replace("MOBILE[1:]", repr(f"a{MOBILE}")).replace("MOBILE", repr(MOBILE)).replace("ID}", f"{ID!r}}}")
    )
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"), str(planted)]
    command += ["--rootdir", str(tmp_path), "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib"]
    done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert (done.returncode, "full ids or phones 3" in done.stdout) == (1, True)
    said = done.stdout.split("已扫描")[1]
    assert ("✗ response: /" in said, "✗ log: " in said, ID in said, MOBILE in said) == (True, True, False, False)


@pytest.mark.proves("R15")
async def test_events_leave_masked_and_one_that_does_not_is_found(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await make_database("points")
    database, scan = Database(made.app, name="test"), Scan()
    async with database.transaction() as session:
        await publish(session, *counted((f"致电{MOBILE}", 1), (f"致电\n{MOBILE}", 2)))
    await database.close()
    masked = Scan()
    await masked.look_at_events(made.admin)
    assert (masked.found, masked.scanned["event"]) == ([], 2)
    with monkeypatch.context() as unmasked:
        unmasked.setattr("shared.outbox.scrub", lambda text: text)
        await scan.look_at_events(made.admin)
    assert (scan.found, scan.scanned) == ([("event", "points.counted.v1")] * 2, {"event": 2, "trace": 2})
    scan.look("trace", "span", ID)
    assert all(chinese in scan.lines()[0] for chinese, _ in KINDS.values())
