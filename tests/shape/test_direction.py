"""Inside a service, imports go one way: api, consumers → verb, queries → rules, tables."""

import grimp
import pytest

from tests.shape.tree import SERVICES, module_of, slice_files

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


@pytest.mark.parametrize("service", SERVICES)
def test_the_slices_of_a_service_do_not_need_each_other_in_a_circle(service: str) -> None:
    needs: dict[str, set[str]] = {}
    for module in sorted(m for m in MODULES if m.startswith(f"services.{service}.")):
        own = module.rpartition(".")[0]
        others = {m.rpartition(".")[0] for m in GRAPH.find_modules_directly_imported_by(module) & MODULES}
        needs.setdefault(own, set()).update(others - {own})
    while free := [one for one, needed in needs.items() if not needed & needs.keys()]:
        for one in free:
            del needs[one]
    assert not {one: needed & needs.keys() for one, needed in needs.items()}, (
        "what both need belongs to one of them, or to a slice of its own"
    )
