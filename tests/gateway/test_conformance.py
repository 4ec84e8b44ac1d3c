"""The conformance page: each clause with its basis, what meets it, and what the last test run said."""

import html
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway import conformance as served_page
from tests import conformance
from tests.gateway.knock import Door
from tests.report import titles

PASSES, FAILS, NIGHTLY = (f"tests/test_made.py::test_that_{word}" for word in ("passes", "fails", "waits"))
NOW, LATER = "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the results of this very run out of it."""
    path = tmp_path / "conformance.json"
    monkeypatch.setattr(conformance, "RESULTS", path)
    monkeypatch.setattr(served_page, "RESULTS", path)
    return path


def _by_clause(judged: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["clause"]: each for each in judged}


def test_each_clause_has_a_basis_two_languages_and_rows_that_there_are() -> None:
    clauses = served_page.clauses()
    assert len({each["clause"] for each in clauses}) == len(clauses) > 45
    assert {each["clause"].partition(".")[0] for each in clauses} == set("1234567")
    for each in clauses:
        assert each["basis"] in served_page.BASES
        assert each["zh"]
        assert each["en"]
        assert set(each["met_by"]) <= titles().keys()


def test_a_clause_is_judged_by_the_worst_of_its_rows() -> None:
    proving = {"G6": {PASSES}, "G3": {FAILS}, "O13": {PASSES}, "S13": {NIGHTLY}}
    judged = _by_clause(conformance.write(NOW, proving, {PASSES: "passed", FAILS: "error"}, everything=True))
    expected = {"1.5": "passed", "3.1": "failed", "3.4": "failed", "5.4": "not run", "1.1": "open", "7.3": "open"}
    assert {clause: judged[clause]["result"] for clause in expected} == expected
    assert judged["1.5"]["tests"] == [{"id": PASSES, "result": "passed", "at": NOW}]


def test_the_last_result_of_a_test_stays_until_it_runs_again_or_is_gone() -> None:
    conformance.write(NOW, {"G6": {PASSES, NIGHTLY}}, {PASSES: "passed", NIGHTLY: "passed"}, everything=True)
    partial = conformance.write(LATER, {"G6": {PASSES}}, {PASSES: "failed"}, everything=False)
    assert [test["at"] for test in _by_clause(partial)["1.5"]["tests"]] == [LATER, NOW]
    whole = conformance.write(LATER, {"G6": {NIGHTLY}}, {}, everything=True)
    assert _by_clause(whole)["1.5"]["tests"] == [{"id": NIGHTLY, "result": "passed", "at": NOW}]


def test_a_test_run_writes_it_by_itself(tmp_path: Path) -> None:
    """A real run of pytest with the plugin of `./linli test`, on tests made for this."""
    made, page = tmp_path / "test_made.py", tmp_path / "page.json"
    made.write_text(
        "import pytest\n"
        "@pytest.mark.proves('G6')\n@pytest.mark.parametrize('n', [1, 2])\ndef test_that_passes(n): pass\n"
        "@pytest.mark.proves('G3')\n@pytest.mark.parametrize('n', [1, 2])\ndef test_that_fails(n): assert n == 1\n",
        encoding="utf-8",
    )
    program = (
        "import sys, pathlib, pytest; from tests import conformance;"
        f"conformance.RESULTS = pathlib.Path({str(page)!r});"
        f"sys.exit(pytest.main(['-q', '-p', 'tests.report', '-p', 'no:cacheprovider', '--noconftest', {str(made)!r}]))"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, check=False, capture_output=True)  # noqa: S603
    assert ran.returncode == 1
    judged = _by_clause(json.loads(page.read_text(encoding="utf-8"))["clauses"])
    assert (judged["1.5"]["result"], judged["3.1"]["result"]) == ("passed", "failed")
    [test] = judged["1.5"]["tests"]
    assert test["id"].endswith("test_made.py::test_that_passes")


@pytest.mark.proves("G24")
async def test_the_page_shows_each_clause_with_basis_test_and_last_result(door: Door) -> None:
    before = (await door.http.get("/conformance", headers={"Accept": "application/json"})).json()
    assert {each["result"] for each in before["clauses"]} == {"not run"}
    conformance.write(NOW, {"G6": {PASSES}, "G3": {FAILS}}, {PASSES: "passed", FAILS: "failed"}, everything=True)
    data = (await door.http.get("/conformance", headers={"Accept": "application/json"})).json()
    assert [each["clause"] for each in data["clauses"]] == [each["clause"] for each in served_page.clauses()]
    page = (await door.http.get("/conformance")).text
    for each in served_page.clauses():
        assert f"<td>{each['clause']}<td>{served_page.BASES[each['basis']]}" in page
        assert html.escape(each["zh"]) in page
        assert html.escape(each["en"]) in page
    assert f"<code>{PASSES}</code> ✓ 通过 passed {NOW}" in page
    assert f"<code>{FAILS}</code> ✗ 未通过 failed {NOW}" in page
    assert "不声称符合" in page
    assert page.count("○ 未证明 open") > 10
