"""At the end of a test run: which requirement rows are proven and by what, and whether Kafka and hledger were there.

The same is written for the gateway's conformance page (`tests.conformance`).

A row counts when every test that is marked to prove it ran and passed, in this run. `tests/rows.csv` names the rows.
In CI a skipped test is a failure: there everything that a test needs can be had.
"""

import csv
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import conformance

TOOLS = {
    "kafka": ("Kafka 部分", "the Kafka half"),
    "hledger": ("hledger 对账", "hledger's own balance"),
    "mosquitto": ("MQTT 部分", "the MQTT half"),
    "spectral": ("接口说明检查", "the linter of the API description"),
    "node": ("JavaScript 签名示例", "the signing example in JavaScript"),
    "browser": ("浏览器中的页面", "the pages in a real browser"),
    "java": ("Java 签名示例", "the signing example in Java"),
}
PROVES = "proves"
OUTCOMES = ("passed", "failed", "error", "skipped")
ROWS = Path(__file__).with_name("rows.csv")
PROVING = pytest.StashKey[dict[str, set[str]]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Write on each test what it proves and which tools it needs, so that its report carries it."""
    known, proving = titles(), defaultdict[str, set[str]](set)
    config.stash[PROVING] = proving
    for item in items:
        for marker in item.iter_markers(PROVES):
            if unknown := set(marker.args) - known.keys():
                raise pytest.UsageError(f"{item.nodeid} proves {unknown}, of which {ROWS.name} knows nothing")
            item.user_properties += [(PROVES, row) for row in marker.args]
            for row in marker.args:
                proving[row].add(_function(item.nodeid))
        item.user_properties += [(tool, "needed") for tool in TOOLS if item.get_closest_marker(tool)]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail in CI when something did not run: there it must."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and PROVING in session.config.stash:
        _write_conformance(session.config, reporter)
    if not os.environ.get("CI") or reporter is None or session.exitstatus != pytest.ExitCode.OK:
        return
    if reporter.stats.get("skipped") or not all(counts_of(tool, reporter)["passed"] for tool in TOOLS):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _write_conformance(config: pytest.Config, reporter: pytest.TerminalReporter) -> None:
    outcomes: dict[str, str] = {}
    for tests in proofs(reporter).values():
        for test, outcome in tests.items():
            name = _function(test)
            outcomes[name] = max(outcome, outcomes.get(name, outcome), key=_gravity)
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    now = datetime.now(UTC).isoformat(timespec="seconds")
    proving: dict[str, set[str]] = config.stash[PROVING]
    conformance.write(now, proving, outcomes, everything=everything)


def _function(nodeid: str) -> str:
    return nodeid.partition("[")[0]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, and a sentence for each tool."""
    proven = proofs(terminalreporter)
    terminalreporter.section("要求与证明 · requirement rows and the tests that prove them")
    for line in table(proven, titles()):
        terminalreporter.line(line)
    for tool, (chinese, english) in TOOLS.items():
        counts = counts_of(tool, terminalreporter)
        if not counts["passed"]:
            text = f"✗ {chinese}未运行（{counts['skipped']} 项） · {english} did NOT run: {counts['skipped']} tests"
            terminalreporter.line(text, red=True, bold=True)
        else:
            terminalreporter.line(f"✓ {chinese}已运行（{counts['passed']} 项） · {english} ran", green=True)


def titles() -> dict[str, str]:
    """Return what each requirement row is about, in the order of the pages."""
    with ROWS.open(encoding="utf-8", newline="") as file:
        return {each["row"]: f"{each['zh']} · {each['en']}" for each in csv.DictReader(file)}


def proofs(reporter: pytest.TerminalReporter) -> dict[str, dict[str, str]]:
    """Return for each row that tests of this run are to prove, how each of these tests ended."""
    rows: dict[str, dict[str, str]] = {}
    for outcome, report in _reports(reporter):
        for name, row in report.user_properties:
            if name == PROVES:
                ended = rows.setdefault(str(row), {})
                # A test that passed and could not be cleaned up after has ended in an error.
                ended[report.nodeid] = max(outcome, ended.get(report.nodeid, outcome), key=_gravity)
    return rows


def table(proven: Mapping[str, Mapping[str, str]], rows: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each row that tests speak for, and one for each page with what is still open."""
    for row, title in rows.items():
        for number, (test, outcome) in enumerate(sorted(proven.get(row, {}).items())):
            yield f"  {'✓' if outcome == 'passed' else '✗'} {row if not number else '':<4} {title}  ← {test} {outcome}"
    done = {row for row, tests in proven.items() if set(tests.values()) == {"passed"}}
    for page in dict.fromkeys(row[0] for row in rows):
        of_page = [row for row in rows if row.startswith(page)]
        still = [row for row in of_page if row not in done]
        count = f"{len(of_page) - len(still)}/{len(of_page)}"
        yield f"  {page}  已证明 proven {count}，未证明 open: {' '.join(still) or '–'}"


def counts_of(tool: str, reporter: pytest.TerminalReporter) -> Mapping[str, int]:
    """Return how many of the tests that need a tool ended how."""
    counts = dict.fromkeys(OUTCOMES, 0)
    for outcome, report in _reports(reporter):
        counts[outcome] += any(name == tool for name, _ in report.user_properties)
    return counts


def _reports(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, pytest.TestReport]]:
    for outcome in OUTCOMES:
        for report in reporter.stats.get(outcome, []):
            if isinstance(report, pytest.TestReport):
                yield outcome, report


def _gravity(outcome: str) -> int:
    return ("passed", "skipped", "failed", "error").index(outcome)
