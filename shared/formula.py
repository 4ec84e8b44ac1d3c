"""The one language in which people write formulas: KPIs of contracts, and what a deed earns.

A formula has whole numbers, named variables, `+ - * / //`, parentheses, `min` and `max`, comparisons (1 or 0), `and`,
`or`, `not`, and the choice `a if b else c`. It is read as Python is and translated by hand: nothing of it is ever run.
It is exact; only `//` rounds, down.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from shared.errors import Inadmissible

NODES_MAX = 100
KEPT_MAX = 1_024

Values = Mapping[str, int]
Meaning = Callable[[Values], Fraction]

_BINARY: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction | int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_COMPARED: dict[type[ast.cmpop], Callable[[Fraction, Fraction], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_CALLS: dict[str, Callable[..., Fraction]] = {"min": min, "max": max}


@dataclass(kw_only=True, eq=False)
class FormulaInvalid(Inadmissible):
    """A formula says something that the language does not have."""

    type = "formula-invalid"
    title = "公式有误"
    title_en = "Invalid formula"
    detail = (
        "公式中的“{part}”不被接受。只可使用整数、+ - * / //、比较、and or not、a if b else c、min、max"
        " 及变量 {variables}，至少用一个变量。"
    )
    detail_en = (
        "The formula has “{part}”. It may have whole numbers, + - * / //, comparisons, and, or, not, a if b else c,"
        " min, max and {variables}, at least one of them."
    )

    part: str
    variables: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was understood.

    Attributes:
        names: The variables that it speaks of.
        value: What it comes to for their values, exactly; raises ZeroDivisionError where it divides by zero.
    """

    names: frozenset[str]
    value: Meaning


@lru_cache(KEPT_MAX)
def parse(formula: str, variables: tuple[str, ...]) -> Formula:
    """Understand a formula over some variables.

    Raises:
        FormulaInvalid: It says something else, speaks of no variable, or is too long to be understood.
    """
    spoken_of = "、".join(variables)
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaInvalid(part=formula[:80], variables=spoken_of) from error
    nodes = list(ast.walk(tree))
    names = frozenset(node.id for node in nodes if isinstance(node, ast.Name)) & frozenset(variables)
    if len(nodes) > NODES_MAX or not names:
        raise FormulaInvalid(part=formula[:80], variables=spoken_of)
    try:
        return Formula(names, _meaning(tree, names))
    except _NotInTheLanguageError as error:
        raise FormulaInvalid(part=str(error)[:80], variables=spoken_of) from error


class _NotInTheLanguageError(Exception):
    """Says which part of a formula is not."""


def _meaning(node: ast.expr, names: frozenset[str]) -> Meaning:  # noqa: PLR0911 - a case for each thing one can say
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            number = Fraction(value)
            return lambda _: number
        case ast.Name(id=name) if name in names:
            return lambda values: Fraction(values[name])
        case ast.UnaryOp(op=ast.USub() | ast.Not() as op, operand=operand):
            return _negated(op, _meaning(operand, names))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _applied(_BINARY[type(op)], _meaning(left, names), _meaning(right, names))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            return _applied(_COMPARED[type(op)], _meaning(left, names), _meaning(right, names))
        case ast.BoolOp(op=op, values=parts):
            return _joined(op, [_meaning(part, names) for part in parts])
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _chosen(_meaning(test, names), _meaning(body, names), _meaning(orelse, names))
        case ast.Call(func=ast.Name(id=name), args=[_, _, *_] as args, keywords=[]) if name in _CALLS:
            return _called(_CALLS[name], [_meaning(argument, names) for argument in args])
        case _:
            raise _NotInTheLanguageError(ast.unparse(node))


def _negated(op: ast.unaryop, part: Meaning) -> Meaning:
    return (lambda values: Fraction(not part(values))) if isinstance(op, ast.Not) else (lambda values: -part(values))


def _applied(op: Callable[[Fraction, Fraction], Fraction | int], left: Meaning, right: Meaning) -> Meaning:
    return lambda values: Fraction(op(left(values), right(values)))


def _joined(op: ast.boolop, parts: list[Meaning]) -> Meaning:
    of = all if isinstance(op, ast.And) else any
    return lambda values: Fraction(of(part(values) for part in parts))


def _chosen(test: Meaning, body: Meaning, orelse: Meaning) -> Meaning:
    return lambda values: body(values) if test(values) else orelse(values)


def _called(function: Callable[..., Fraction], arguments: list[Meaning]) -> Meaning:
    return lambda values: function(*(argument(values) for argument in arguments))
