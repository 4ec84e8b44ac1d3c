"""At the end of a test run: which requirement rows are proven, and, said plainly, whether the Kafka half ran."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pytest

KAFKA = "kafka"
PROVES = "proves"
OUTCOMES = ("passed", "failed", "error", "skipped")


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Write on each test what it proves and whether it needs Kafka, so that its report carries it."""
    for item in items:
        for marker in item.iter_markers(PROVES):
            item.user_properties += [(PROVES, row) for row in marker.args]
        if item.get_closest_marker(KAFKA):
            item.user_properties.append((KAFKA, "needed"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail in CI when the Kafka half did not run: there it must."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and kafka_counts(reporter)["skipped"]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table and the sentence."""
    if rows := rows_table(terminalreporter):
        terminalreporter.section("要求与证明 · requirement rows and the tests that prove them")
        for line in rows:
            terminalreporter.line(line)
    counts = kafka_counts(terminalreporter)
    if counts["skipped"]:
        text = f"✗ Kafka 部分未运行（{counts['skipped']} 项） · the Kafka half did NOT run: {counts['skipped']} tests"
        terminalreporter.line(text, red=True, bold=True)
    elif sum(counts.values()):
        terminalreporter.line(f"✓ Kafka 部分已运行（{sum(counts.values())} 项） · the Kafka half ran", green=True)


def rows_table(reporter: pytest.TerminalReporter) -> list[str]:
    """Return a line for each row: proven, broken or not run, and by how many tests."""
    rows: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(OUTCOMES, 0))
    for outcome, report in _reports(reporter):
        for name, row in report.user_properties:
            if name == PROVES:
                rows[str(row)][outcome] += 1
    return [f"  {row:<5} {_verdict(rows[row])}" for row in sorted(rows, key=_natural)]


def kafka_counts(reporter: pytest.TerminalReporter) -> Mapping[str, int]:
    """Return how many of the tests that need Kafka ended how."""
    counts = dict.fromkeys(OUTCOMES, 0)
    for outcome, report in _reports(reporter):
        counts[outcome] += any(name == KAFKA for name, _ in report.user_properties)
    return counts


def _reports(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, pytest.TestReport]]:
    for outcome in OUTCOMES:
        for report in reporter.stats.get(outcome, []):
            if isinstance(report, pytest.TestReport):
                yield outcome, report


def _verdict(counts: Mapping[str, int]) -> str:
    if counts["failed"] or counts["error"]:
        return f"✗ 未通过 broken ({counts['failed'] + counts['error']})"
    if counts["skipped"]:
        return f"– 未全部运行 not all run ({counts['passed']} passed, {counts['skipped']} skipped)"
    return f"✓ 已证明 proven ({counts['passed']})"


def _natural(row: str) -> tuple[str, int]:
    """Sort P2 before P10."""
    return row.rstrip("0123456789"), int("0" + re.sub(r"\D", "", row))
