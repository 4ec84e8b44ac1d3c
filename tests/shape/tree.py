"""The source tree as the shape tests read it: files, their syntax trees, and the modules they are."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("benchmarks", "clients", "deploy", "gateway", "services", "shared", "tests", "verifier")
SERVICES = ("points", "scenarios", "operations")
DATABASES = (*SERVICES, "gateway")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*folders: str) -> list[Path]:
    """Return the Python files under folders of the repository, all of them by default, relative to its root."""
    found = (path for folder in folders or FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in found)


@cache
def text_of(path: Path) -> str:
    """Return a file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(text_of(path), str(path))


def module_of(path: Path) -> str:
    """Return the name under which a file is imported."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def functions_of(path: Path) -> Iterator[Function]:
    """Yield a file's functions, also those inside classes and functions."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, Function):
            yield node


def calls_of(path: Path) -> Iterator[str]:
    """Yield the methods that a file calls, each as `owner.method`: `datetime.now`, `session.commit`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield f"{owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, 'id', '')}.{node.func.attr}"


def lines_of(function: Function) -> int:
    """Count a function's lines; its docstring explains rather than does, and is left out."""
    explained = 0
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        explained = (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return (function.end_lineno or function.lineno) - function.lineno + 1 - explained


def slice_files() -> list[Path]:
    """Return the files of the services' slices, `services/<service>/<slice>/<file>.py`."""
    return [path for path in sources("services") if len(path.parts) == 4 and "migrations" not in path.parts]
