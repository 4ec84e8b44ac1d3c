"""The public description before others' linter, with the rules of OWASP for APIs."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contracts.golden import OPENAPI
from tests.shape.tree import ROOT

INSTALLED = ROOT / ".linli" / "lint"
ERROR = 0


@pytest.mark.spectral
def test_the_linter_with_the_rules_of_owasp_finds_no_error_in_the_public_description(tmp_path: Path) -> None:
    program = INSTALLED / "node_modules" / ".bin" / "spectral"
    if not program.exists() or not shutil.which("node"):
        pytest.skip("no spectral: Node, then npm ci of .ci/lint in .linli/lint (see .ci/run)")
    found = tmp_path / "found.json"
    run = subprocess.run(  # noqa: S603 - our own arguments
        [
            program,
            "lint",
            "--ruleset",
            INSTALLED / "ruleset.json",
            "-f",
            "json",
            "-o",
            found,
            OPENAPI / "platform.json",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.exists(), run.stderr
    errors = [each for each in json.loads(found.read_text("utf-8")) if each["severity"] == ERROR]
    assert not [(each["code"], "/".join(map(str, each["path"]))) for each in errors]
