"""What rules may not do, and who may read the clock."""

import ast

from tests.shape.tree import calls_of, slice_files, sources, tree_of

CLOCKS = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time", "time.time_ns"}
EDGES = {"api", "consumers", "main", "worker"}
COMMANDS = {
    "services/operations/communities/load.py": "a person runs it: it is an edge of its own",
}


def test_only_the_edges_of_a_service_read_the_clock() -> None:
    readers = {str(path) for path in sources("services") if path.stem not in EDGES and CLOCKS & set(calls_of(path))}
    assert not readers - COMMANDS.keys(), "`now` is passed in"


def test_rules_wait_for_nothing() -> None:
    rules = [path for path in slice_files() if path.stem == "rules"]
    waiting = [str(path) for path in rules if any(isinstance(n, ast.AsyncFunctionDef) for n in ast.walk(tree_of(path)))]
    assert not waiting, "a rule takes values and decides"
