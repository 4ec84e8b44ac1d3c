"""`check`, `test` and `bench`: lists of steps that stop at the first that fails."""

import ast
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.bare.places import ROOT

BENCHMARKS = ROOT / "benchmarks"


@dataclass(frozen=True)
class Step:
    """One thing that must succeed.

    Attributes:
        title: What it is, Chinese first.
        command: Program and arguments.
    """

    title: str
    command: Sequence[str]


def _module(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


STATIC = (
    Step("格式 format", _module("ruff", "format", "--check", ".")),
    Step("规则 lint", _module("ruff", "check", ".")),
    Step("类型 types", _module("mypy", ".")),
    Step("依赖方向 import contracts", (str(Path(sys.executable).with_name("lint-imports")),)),
)


def check(pytest_arguments: Sequence[str]) -> int:
    """Run what needs no database: format, lint, types, import contracts, pure tests.

    Args:
        pytest_arguments: Passed on to pytest.

    Returns:
        The exit code of the first step that failed, else 0.
    """
    tests = ROOT / "tests"
    pure = [*tests.rglob("test_rules*.py"), tests / "shape", tests / "contracts" / "test_golden.py"]
    names = [str(path.relative_to(ROOT)) for path in sorted(pure)]
    steps = [*STATIC, Step("纯规则测试 tests without a database", _module("pytest", "-q", *names, *pytest_arguments))]
    return run(steps)


def test(pytest_arguments: Sequence[str]) -> int:
    """Run everything: the static checks, then all tests on a PostgreSQL of their own, and Kafka where there is one.

    Args:
        pytest_arguments: Passed on to pytest.

    Returns:
        The exit code of the first step that failed, else 0.
    """
    pytest = _module("pytest", "-p", "tests.report", *pytest_arguments)
    return run([*STATIC, Step("全部测试 all tests", pytest)])


def run(steps: Sequence[Step]) -> int:
    """Run steps one after the other until one fails.

    Args:
        steps: The steps.

    Returns:
        The exit code of the step that failed, else 0.
    """
    for step in steps:
        started = time.monotonic()
        print(f"▸ {step.title}", flush=True)
        code = subprocess.run(step.command, cwd=ROOT, check=False).returncode  # noqa: S603 the steps above
        if code != 0:
            print(f"✗ {step.title} 未通过（{code}） · failed ({code}): {' '.join(step.command)}", flush=True)
            return code
        print(f"  ✓ {time.monotonic() - started:.1f} s", flush=True)
    return 0


def bench(name: str | None, arguments: Sequence[str]) -> int:
    """Run a benchmark, or list them.

    Args:
        name: File name without `.py`; None lists them.
        arguments: Passed on to it.

    Returns:
        Its exit code.
    """
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(BENCHMARKS.glob("*.py"))}
    scripts = {stem: text for stem, text in texts.items() if "__main__" in text}  # the others are what these stand on
    if name in scripts:
        return subprocess.run(_module(f"benchmarks.{name}", *arguments), cwd=ROOT, check=False).returncode  # noqa: S603 a listed script
    print("性能测试，运行 ./linli bench 名称 · benchmarks, run one by ./linli bench NAME")
    for stem, text in scripts.items():
        purpose = (ast.get_docstring(ast.parse(text)) or "").split("\n", 1)[0]
        print(f"  {stem}: {purpose}")
    return 0 if name is None else 2
