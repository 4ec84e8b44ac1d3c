"""Inside a service, imports go one way: api, consumers → verb, queries → rules, tables."""

import grimp

from tests.shape.tree import module_of, slice_files

GRAPH = grimp.build_graph("services", cache_dir=None)
EDGE, WORK, GROUND = 2, 1, 0
RANKS = {"api": EDGE, "consumers": EDGE, "rules": GROUND, "tables": GROUND}
MODULES = {module_of(path) for path in slice_files() if path.stem != "__init__"}


def _rank(module: str) -> int:
    return RANKS.get(module.rpartition(".")[2], WORK)


def test_no_module_imports_what_stands_above_it() -> None:
    above = [
        f"{module} → {other}"
        for module in sorted(MODULES)
        for other in GRAPH.find_modules_directly_imported_by(module) & MODULES
        if _rank(other) > _rank(module)
    ]
    assert not above, "use cases know no HTTP and no event; rules and tables know no use case"
