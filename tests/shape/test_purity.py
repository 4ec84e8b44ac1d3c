"""What rules may not do, who may read the clock, and where no fraction of a point can arise."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.shape.tree import calls_of, slice_files, sources, tree_of

CLOCKS = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time", "time.time_ns"}
EDGES = {"api", "consumers", "main", "worker"}
COMMANDS = {
    "services/operations/communities/load.py": "a person runs it: it is an edge of its own",
}
FRACTIONS = {"float", "Float", "Double", "DOUBLE", "REAL", "Decimal", "Numeric", "NUMERIC", "Fraction"}


def test_only_the_edges_of_a_service_read_the_clock() -> None:
    readers = {str(path) for path in sources("services") if path.stem not in EDGES and CLOCKS & set(calls_of(path))}
    assert not readers - COMMANDS.keys(), "`now` is passed in"


def test_rules_wait_for_nothing() -> None:
    rules = [path for path in slice_files() if path.stem == "rules"]
    waiting = [str(path) for path in rules if any(isinstance(n, ast.AsyncFunctionDef) for n in ast.walk(tree_of(path)))]
    assert not waiting, "a rule takes values and decides"


def test_no_fraction_of_a_point_can_arise() -> None:
    book = [*sources("services/points"), Path("shared/events/points.py")]
    found = [f"{path}:{line}: {what}" for path in book for line, what in _fractions(tree_of(path))]
    assert not found, "points are integers"


def _fractions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, f"the literal {node.value}"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno, "true division"
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in FRACTIONS:
                yield node.lineno, name
