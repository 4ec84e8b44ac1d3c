"""What an endpoint makes you read: `python -m tests.shape.endpoints` prints it for each.

It is counted as you would read it: from the endpoint's function to each first-party definition that it names, from
there to what those name, and so on to the end, or to a core: of that you read what it promises, and it is counted by
itself. The lines are those of the definitions with their docstrings; beside
them stands the cruder measure, all modules that can be reached by imports, with all their lines.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grimp

from tests.shape.apps import routes
from tests.shape.tree import ROOT, text_of, tree_of

PACKAGES = ("services", "shared")
CORES = {
    (
        "services.points.ledger.post",
        "post",
    ): "the one way in which points move: who calls it relies on what it promises",
    (
        "services.points.debit_caps.cover_quote",
        "cover_quote",
    ): "who makes a quote need not know what counts against a cap, only that it is refused beyond it",
    (
        "services.points.exchange.queries",
        "rate_now",
    ): "who asks what points are worth elsewhere need not know what it follows from",
    (
        "services.points.limits.let_spend",
        "let_spend",
    ): "whether points may be held for a purchase: who holds them relies on its refusals",
    (
        "services.points.limits.read_room",
        "read_room",
    ): "how much room caps and budgets leave, under their locks: who takes it relies on what it promises",
    (
        "services.points.merchants.queries",
        "community_of_active_merchant",
    ): "whether a merchant may take points: who pays one relies on it",
    (
        "services.points.fraud.queries",
        "require_unfrozen",
    ): "value out fails closed: who asks relies on its refusal",
    (
        "shared.grouped_route",
        "GroupedRoute",
    ): "how hot writes share transactions and are answered once: who declares one relies on what it promises",
    ("shared.formula", "parse"): "a language: who writes in it need not read how it is understood",
}
ACCEPTED = "a use case of its own, carried out when the second person accepts it"
FOR_A_RESIDENT = "a use case of its own, carried out when the desk asks for it in a resident's name"
CORES |= {
    ("services.points.conversions.convert", "convert"): FOR_A_RESIDENT,
    (
        "services.points.assistance.carry_out",
        "carry_out",
    ): "all that a resident could do itself: who asks for it relies on its refusals",
    (
        "services.points.vouchers.settle_presentations",
        "settle_presentations",
    ): "what becomes of vouchers that tills took: who posts them relies on the rules' list",
    (
        "services.points.assistance.speak_for",
        "speak_for",
    ): "all that a resident could say itself: who says it relies on its refusals",
    ("services.points.timebank.give_hours", "give_hours"): FOR_A_RESIDENT,
    ("services.points.timebank.name_heir", "name_heir"): FOR_A_RESIDENT,
    ("services.points.families.end_bond", "end_bond"): FOR_A_RESIDENT,
    ("services.points.families.invite", "invite"): FOR_A_RESIDENT,
    ("services.points.crossings.request_crossing", "request_crossing"): FOR_A_RESIDENT,
    ("services.points.exchange.make_quote", "make_quote"): FOR_A_RESIDENT,
    ("services.points.families.share", "share"): FOR_A_RESIDENT,
    ("services.points.redemptions.redeem", "redeem"): FOR_A_RESIDENT,
    ("services.points.vouchers.issue_voucher", "issue_voucher"): FOR_A_RESIDENT,
}
CORES |= {
    ("services.points.earning.grant", "grant"): ACCEPTED,
    ("services.points.earning.publish_rule", "publish_rule"): ACCEPTED,
    ("services.points.earning.write_off", "write_off"): ACCEPTED,
    ("services.points.honours.set_tiers", "set_tiers"): ACCEPTED,
    ("services.points.limits.set_limit", "set_limit"): ACCEPTED,
    ("services.points.settlements.set_key", "set_key"): ACCEPTED,
}
# A core's REFUSALS, which an endpoint declares, are part of what it promises.
PROMISED = CORES.keys() | {(module, "REFUSALS") for module, _ in CORES}

Definition = tuple[str, str]
"""A name at the top level of a module: (module, name)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How much there is to read for one endpoint."""

    path: str
    modules: int
    lines: int
    importable_modules: int
    importable_lines: int


@dataclass(frozen=True, slots=True)
class Module:
    """What a module defines and what it takes from others, by name."""

    defined: dict[str, ast.stmt]
    imported: dict[str, Definition]


def readings() -> Iterator[Reading]:
    """Yield the reading of each endpoint of the services, and of each core."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    named = {f"core {module}.{name}": (module, name) for module, name in CORES}
    named |= {f"{'|'.join(sorted(r.methods or ()))} {r.path}": (module, r.endpoint.__name__) for module, r in routes()}
    for path, start in named.items():
        reached = _reached(start)
        importable = {start[0], *graph.find_upstream_modules(start[0])}
        yield Reading(
            path,
            modules=len({one for one, _ in reached}),
            lines=sum(_length(_module(one).defined[name]) for one, name in reached),
            importable_modules=len(importable),
            importable_lines=sum(len(text_of(_file(one)).splitlines()) for one in importable),
        )


def _reached(start: Definition) -> set[Definition]:
    reached: set[Definition] = set()
    waiting = [start]
    while waiting:
        module, name = waiting.pop()
        known = _module(module)
        if name in known.imported:
            waiting.append(known.imported[name])
        elif name in known.defined and (module, name) not in reached:
            reached.add((module, name))
            if (module, name) == start or (module, name) not in PROMISED:
                waiting += _named_in(known.defined[name], module, known)
    return reached


def _named_in(node: ast.stmt, module: str, known: Module) -> Iterator[Definition]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield module, part.id
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in known.imported:
            package, name = known.imported[part.value.id]
            yield f"{package}.{name}", part.attr  # `problems.responses`, where `problems` is a module


@cache
def _module(name: str) -> Module:
    known = Module({}, {})
    if name.partition(".")[0] not in PACKAGES or not (ROOT / _file(name)).is_file():
        return known
    for statement in tree_of(_file(name)).body:
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                known.imported[alias.asname or alias.name] = (statement.module or "", alias.name)
        else:
            known.defined.update(dict.fromkeys(_names(statement), statement))
    return known


def _names(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))


def _file(module: str) -> Path:
    path = Path(*module.split("."))
    return path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py")


def _length(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return (node.end_lineno or node.lineno) - first + 1


def report() -> Iterator[str]:
    """Yield a line per endpoint, the heaviest first."""
    yield "      读到 read      可导入 importable"
    yield "模块 modules 行 lines  模块 modules 行 lines  接口 endpoint"
    for one in sorted(readings(), key=lambda one: (-one.lines, one.path)):
        yield f"{one.modules:>12} {one.lines:>8} {one.importable_modules:>13} {one.importable_lines:>8}  {one.path}"


if __name__ == "__main__":
    print("\n".join(report()))  # noqa: T201 - a command for a person
