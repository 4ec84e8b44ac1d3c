"""Points are whole, and divided by one rule: down, the rest to a named account."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from services.points.allotments.rules import allot
from services.points.exchange.rules import BASIS, Payment, Terms, divide
from shared.database import Database
from tests.points.book import QINGBO, broken
from tests.points.exchange.town import SHOP, ZHANG, agree, buy, settle_in
from tests.shape.tree import sources, tree_of

BOOK = [*sources("services/points"), Path("shared/events/points.py")]
FRACTIONS = {"float", "Float", "Double", "DOUBLE", "REAL", "Decimal", "Numeric", "NUMERIC", "Fraction"}
ROUNDING = {"divmod", "round", "ceil", "floor", "trunc", "fsum", "quantize"}
SQL = re.compile(
    r"[\w)]\s*/\s*[\w(:]|\b(round|ceil|ceiling|floor|trunc|div|avg)\s*\(|::\s*(numeric|float|real|double)",
    re.IGNORECASE,
)
QUOTED = re.compile(r"'[^']*'")
HERE = Path("services/points/allotments/rules.py")
NO_POINTS = {
    Path("services/points/ledger/rules.py"): "months of the calendar",
    Path("services/points/proof/rules.py"): "places in a tree",
    Path("services/points/statements/rules.py"): "milliseconds of a time",
    Path("services/points/proof/export_book.py"): "a line of bytes is formatted",
}


def fractions_in(tree: ast.Module) -> Iterator[str]:
    """Yield where a fraction could arise: its type, its literal, true division."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield f"{node.lineno}: the literal {node.value}"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield f"{node.lineno}: true division"
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in FRACTIONS:
                yield f"{node.lineno}: {name}"


def divisions_in(tree: ast.Module) -> Iterator[str]:
    """Yield where something is divided or rounded, in Python or in SQL."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.FloorDiv | ast.Mod):
            yield f"{node.lineno}: division"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in ROUNDING:
                yield f"{node.lineno}: {name}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "SELECT" in node.value:
            yield from (f"{node.lineno}: {found[0]}" for found in SQL.finditer(QUOTED.sub("''", node.value)))


TABLE = [  # points, shares → parts, residue
    (0, (1, 2), [0, 0], 0),
    (1, (1, 1), [0, 0], 1),
    (10, (1, 1, 1), [3, 3, 3], 1),
    (100, (50, 30, 20), [50, 30, 20], 0),
    (5, (7, 0, 3), [3, 0, 1], 1),
    (112, (9000, 1000), [100, 11], 1),
]
PAYMENTS = [  # paid, rate, discount → arrives, discount, residue
    (100, BASIS, 1000, Payment(90, 10, 0)),
    (112, BASIS, 1000, Payment(100, 11, 1)),
    (7, BASIS, 0, Payment(7, 0, 0)),
    (10_000, BASIS, 9999, Payment(1, 9999, 0)),
    (139, 8000, 1000, Payment(100, 38, 1)),
]


@pytest.mark.proves("P2")
async def test_points_are_integers_and_rounded_down_in_one_place_the_rest_to_the_residue(points: Database) -> None:
    assert not [f"{path}:{what}" for path in BOOK for what in fractions_in(tree_of(path))], "points are integers"
    elsewhere = {path: found for path in BOOK if path != HERE and (found := list(divisions_in(tree_of(path))))}
    assert not {path: found for path, found in elsewhere.items() if path not in NO_POINTS}, "use allotments"
    assert list(divisions_in(tree_of(HERE))), "and this is the place"
    assert [(points, shares, *allot(points, shares)) for points, shares, *_ in TABLE] == TABLE
    assert [divide(*asked) for *asked, _ in PAYMENTS] == [payment for *_, payment in PAYMENTS]
    async with points.transaction() as session:
        await settle_in(session, 1000)
        await agree(session, Terms(BASIS, 1000))
    await buy(points, ZHANG, SHOP, 100)
    async with points.transaction() as session:
        kept = await session.execute(
            text(
                "SELECT kind, amount FROM entry JOIN account USING (community_code, account_id)"
                " WHERE community_code = :code AND kind IN ('clearing', 'discount', 'residue') ORDER BY kind"
            ),
            {"code": QINGBO},
        )
        assert [tuple(row) for row in kept] == [("clearing", 100), ("discount", 11), ("residue", 1)]
        assert await broken(session) == []


def test_the_exceptions_are_needed_and_the_check_finds_what_it_looks_for() -> None:
    assert not [path for path in NO_POINTS if not list(divisions_in(tree_of(path)))]
    for code in ("a // b", "a % b", "round(a)", "math.floor(a)", "x = 'SELECT amount / 3'", "x = 'SELECT avg(amount)'"):
        assert list(divisions_in(ast.parse(code))), code
    for code in ("a / b", "1.5", "float(a)", "Decimal(a)"):
        assert list(fractions_in(ast.parse(code))), code
