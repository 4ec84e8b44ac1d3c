"""What a test run says of the clauses of the guideline, written for the gateway's conformance page.

A clause is met by requirement rows, and a row by the tests that are marked to prove it. The last result of a test that
this run left out stays as it was; a test that is not there any more goes.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from gateway.conformance import RESULTS, clauses

Result = dict[str, Any]


def write(
    now: str, proving: Mapping[str, Collection[str]], outcomes: Mapping[str, str], *, everything: bool
) -> list[dict[str, Any]]:
    """Write the page's data, and return its clauses.

    Args:
        now: When the run ended.
        proving: The tests that prove a row, of those that were collected, left out or not.
        outcomes: How those that ran have ended.
        everything: Whether all tests there are were collected.
    """
    before = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"] if RESULTS.exists() else {}
    rows: dict[str, list[Result]] = {} if everything else before
    for row, tests in proving.items():
        known = {each["id"]: each for each in before.get(row, [])}
        kept = {} if everything else known
        kept |= {test: _result(test, now, outcomes, known) for test in tests}
        rows[row] = [kept[test] for test in sorted(kept)]
    judged = [_judged(clause, rows) for clause in clauses()]
    text = json.dumps({"run_at": now, "clauses": judged, "rows": rows}, ensure_ascii=False, indent=1)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    return judged


def _result(test: str, now: str, outcomes: Mapping[str, str], known: Mapping[str, Result]) -> Result:
    if test not in outcomes:
        return known.get(test, {"id": test, "result": "not run", "at": None})
    ended = {"passed": "passed", "skipped": "not run"}.get(outcomes[test], "failed")
    return {"id": test, "result": ended, "at": now}


def _judged(clause: dict[str, Any], rows: Mapping[str, list[Result]]) -> dict[str, Any]:
    """Judge a clause by the worst of its rows: each must have a test, and all of them must have passed."""
    tests = {each["id"]: each for row in clause["met_by"] for each in rows.get(row, [])}
    found = {each["result"] for each in tests.values()}
    if not clause["met_by"] or not all(rows.get(row) for row in clause["met_by"]):
        result = "open"
    else:
        result = next(each for each in ("failed", "not run", "passed") if each in found)
    return {**clause, "tests": list(tests.values()), "result": result}
