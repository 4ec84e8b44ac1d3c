"""The README's tour: its commands are run as they stand, against a running platform."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.bare.places import ROOT
from tests.platform import RunningPlatform

TOUR = re.compile(r"^```sh tour\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BETWEEN = "@@@"
PASSWORDS = {
    "OFFICIAL": "shangcheng-official",
    "REVIEWER": "shangcheng-reviewer",
    "DESK": "qingbomen-desk",
    "RESIDENT": "qingbomen-resident-2",
}
LIMIT_S = 120


def tour() -> str:
    """Return the tour as one script that prints a line between the answers, and stops at the first that fails."""
    blocks = TOUR.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    return "set -eu\n" + f"echo; echo {BETWEEN}\n".join(blocks)


def test_the_tour_of_the_readme_works_as_it_stands(platform: RunningPlatform, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("no curl to run the tour with")
    passwords = {user["username"]: user["password"] for user in platform.sandbox["users"]}
    given = {variable: passwords[username] for variable, username in PASSWORDS.items()}
    run = subprocess.run(
        ["/bin/sh"],
        input=tour(),
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "LINLI": platform.url, **given},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    answers = [json.loads(answer) for answer in run.stdout.split(BETWEEN)[1:]]
    communities, registered, rule, deed, account = answers
    assert "330102001051" in {each["code"] for each in communities["items"]}
    assert registered.get("registered") or registered["status"] == 409  # the story may have registered it before
    assert (rule["content"]["points"], rule["accepted"], deed["points"]) == (10, True, 15)
    assert {lot["activity"] for held in account["held"] for lot in held["lots"]} >= {"library_help"}
