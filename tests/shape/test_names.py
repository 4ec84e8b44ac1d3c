"""A file is named after a thing or a verb, and the files of a slice have a closed vocabulary."""

import ast
from pathlib import Path

from tests.shape.tree import calls_of, slice_files, sources, tree_of

KINDS = {"common", "constants", "helper", "helpers", "manager", "managers", "misc", "models", "service", "services"}
KINDS |= {"util", "utils"}
NAMED_AFTER_A_KIND = {
    "shared/service.py": "the factory of a service: here a service is the thing itself",
}
VOCABULARY = {"__init__", "api", "client", "consumers", "queries", "rules", "tables"}
VERBS = [path for path in slice_files() if path.stem not in VOCABULARY]


def test_no_file_is_named_after_a_kind() -> None:
    named = {str(path) for path in sources() if path.stem in KINDS or path.parent.name in KINDS - {"services"}}
    assert not named - NAMED_AFTER_A_KIND.keys(), "name them after what they hold or do"
    assert not NAMED_AFTER_A_KIND.keys() - named, "these exceptions are no longer needed"


def test_a_service_holds_slices_and_nothing_but_its_entrances_beside_them() -> None:
    beside = {path.name for path in sources("services") if len(path.parts) == 3}
    assert beside <= {"__init__.py", "base.py", "main.py", "settings.py", "worker.py"}
    deeper = [str(p) for p in sources("services") if len(p.parts) > 4 and "migrations" not in p.parts]
    assert not deeper, "a slice has no folders"


def test_a_verb_file_does_what_its_name_says() -> None:
    """It has one public async function of its name; a second speaks of the same object (propose and agree)."""
    for path in VERBS:
        verbs = [name for name in _public_async(path) if name != "main"]
        assert path.stem in verbs, (
            f"{path} is no word of the vocabulary, so it is a verb: async def {path.stem}(session, …)"
        )
        strangers = [name for name in verbs if name.rpartition("_")[2] != path.stem.rpartition("_")[2]]
        assert not strangers, f"{path}: another verb is another file"


def test_a_use_case_takes_its_transaction_first() -> None:
    named = {path: _public_async(path).get(path.stem) for path in VERBS}
    without = [str(path) for path, verb in named.items() if verb is None or verb.args.args[0].arg != "session"]
    assert not without


def test_nobody_in_a_slice_commits() -> None:
    committing = [str(path) for path in slice_files() if any(call.endswith(".commit") for call in calls_of(path))]
    assert not committing, "the edge opened the transaction, and the edge commits it"


def _public_async(path: Path) -> dict[str, ast.AsyncFunctionDef]:
    functions = [node for node in tree_of(path).body if isinstance(node, ast.AsyncFunctionDef)]
    return {node.name: node for node in functions if not node.name.startswith("_")}
